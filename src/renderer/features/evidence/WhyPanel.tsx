import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Cell } from '../../../shared/contract/cells.ts'
import type { Saliency } from '../../../shared/contract/evidence.ts'
import { cropUrl } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { className, Swatch } from '../../ui/ClassName.tsx'
import { whyWords } from './evidence-words.ts'
import { veilOf } from './saliency-field.ts'
import { useWhy } from './use-why.ts'
import './evidence.css'

/** Side of the veil, pixels: the grid of spots has nothing finer to show. */
const VEIL_PX = 256

interface Props {
  readonly cell: Cell
  /** What the inspector says of the cell anyway, above and below the explanation. */
  readonly head: ReactNode
  readonly foot: ReactNode
}

/** Why this class: the cell's picture, lit where the machine's answer hangs on it, and what that means in words. */
export function WhyPanel({ cell, head, foot }: Props) {
  const why = useWhy(cell.id)
  const [shown, setShown] = useState({ cellId: cell.id, place: 0 })
  const namedBy = useDesk((state) =>
    state.trust?.model ? `${state.trust.model.name} ${state.trust.model.version}` : null,
  )
  const saliency = why.state === 'known' ? why.saliency : null
  // Of another cell its own most probable class comes first.
  const map = saliency?.maps[shown.cellId === cell.id ? shown.place : 0]
  const words = saliency && map ? whyWords(saliency, map) : []
  return (
    <>
      <div className="why-picture">
        <img src={cropUrl(cell.id)} alt={`Crop of the selected cell, ${className(cell.class)}`} draggable={false} />
        {saliency && map && <Veil saliency={saliency} weights={map.weights} label={words.join(' ')} />}
      </div>
      <div className="why-side">
        {head}
        <section className="why" aria-label="Why this class" data-testid="why" data-state={why.state}>
          {saliency && (
            <fieldset className="why-classes">
              <legend className="visually-hidden">For which class</legend>
              {saliency.maps.map((entry, place) => (
                <label key={entry.class} title={place === 0 ? 'The most probable class' : 'The runner-up'}>
                  <input
                    type="radio"
                    name="why-class"
                    data-testid={`why-${entry.class}`}
                    checked={entry === map}
                    onChange={() => setShown({ cellId: cell.id, place })}
                  />
                  <Swatch code={entry.class} /> {entry.class} {(entry.probability * 100).toFixed(0)} %
                </label>
              ))}
            </fieldset>
          )}
          {why.state === 'asking' && <p className="muted">Asking the machine…</p>}
          {why.state === 'failed' && (
            <p role="alert">
              {why.problem.message} {why.problem.remedy}
            </p>
          )}
          {words.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {saliency && (
            <p className="muted">
              {namedBy !== null && saliency.model !== namedBy
                ? `Asked of ${saliency.model}; the cell was named by ${namedBy}. `
                : ''}
              This is what moves the machine, not what makes the cell.
            </p>
          )}
        </section>
        {foot}
      </div>
    </>
  )
}

interface VeilProps {
  readonly saliency: Saliency
  readonly weights: readonly number[]
  readonly label: string
}

/** Over the square of the picture that the model looks at. */
function Veil({ saliency, weights, label }: VeilProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d')
    ctx?.putImageData(new ImageData(veilOf(weights, saliency, VEIL_PX), VEIL_PX, VEIL_PX), 0, 0)
  }, [saliency, weights])
  const side = Math.min(1, saliency.sideUm / saliency.pictureUm) * 100
  const rest = (100 - side) / 2
  return (
    <canvas
      ref={canvas}
      className="why-veil"
      role="img"
      aria-label={label}
      data-testid="why-veil"
      width={VEIL_PX}
      height={VEIL_PX}
      style={{ inset: `${rest}%`, width: `${side}%`, height: `${side}%` }}
    />
  )
}
