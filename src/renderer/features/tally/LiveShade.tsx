import { counterWords } from '../../../shared/ledger/words.ts'
import { useTally } from './tally-store.ts'

interface Props {
  readonly widthPx: number
  readonly heightPx: number
}

/** Share of the view's sides from which on an area is large enough to be named. */
const LABELLED = 0.2

/** On the live image: what of it was counted already. Lies over a picture that is fitted into the same box. */
export function LiveShade({ widthPx, heightPx }: Props) {
  const look = useTally((state) => (state.counting && state.state?.sitting.place === 'live' ? state.look : null))
  if (!look?.areaUm || !look.upright || look.already.length === 0) return null
  const { areaUm: view } = look
  const scale = widthPx / view.width
  return (
    <svg
      className="live-shade"
      data-testid="live-shade"
      data-areas={look.already.length}
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
    >
      <defs>
        <pattern id="counted-hatch" width="28" height="28" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="0" y1="0" x2="0" y2="28" />
        </pattern>
      </defs>
      {look.already.map(({ by, areaUm }) => {
        const x = (areaUm.x - view.x) * scale
        const y = (areaUm.y - view.y) * scale
        const words = counterWords(by)
        return (
          <g key={words}>
            <rect x={x} y={y} width={areaUm.width * scale} height={areaUm.height * scale} fill="url(#counted-hatch)" />
            {areaUm.width > LABELLED * view.width && areaUm.height > LABELLED * view.height && (
              <text x={x + 16} y={y + 52}>
                {words}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}
