import { InvalidArgumentError } from 'commander'
import type { ScanArea, StageRect } from '../../shared/contract/area.ts'
import type { BenchClient } from '../../shared/contract/index.ts'
import { MedullaError } from '../../shared/errors.ts'

/** A rectangle as typed: x,y,width,height in micrometres of the stage. */
export function rectangle(text: string): StageRect {
  const [xUm, yUm, widthUm, heightUm, more] = text.split(',').map(Number)
  const sound = [xUm, yUm, widthUm, heightUm].every((value) => value !== undefined && Number.isFinite(value))
  if (more !== undefined || !sound || widthUm! <= 0 || heightUm! <= 0) {
    throw new InvalidArgumentError(
      'It must be x,y,width,height in micrometres of the stage, for example 7400,3800,900,800.',
    )
  }
  return { xUm: xUm!, yUm: yUm!, widthUm: widthUm!, heightUm: heightUm! }
}

export const rectangles = (text: string, before: readonly StageRect[] = []): StageRect[] => [...before, rectangle(text)]

export interface AreaOptions {
  /** Rank of a proposed area. */
  readonly area?: number
  readonly overview?: number
  readonly rect?: readonly StageRect[]
  readonly exclude?: readonly StageRect[]
}

/** What the options choose; null: nothing, so what the rig says. */
export async function areaOf(
  client: BenchClient,
  { area: rank, overview, rect, exclude = [] }: AreaOptions,
  targetCells: number | null,
): Promise<ScanArea | null> {
  if (rank !== undefined && rect !== undefined) throw refused('Give either --area or --rect.')
  if (rank === undefined && rect === undefined) {
    if (overview === undefined && exclude.length === 0) return null
    throw refused('Say what of it to scan: --area N for the Nth of the proposed areas, or --rect x,y,width,height.')
  }
  const excluded = [...exclude]
  if (rect !== undefined) return { overviewId: overview ?? null, rects: [...rect], excluded }
  const overviewId = overview ?? (await client.overview.list({})).overviews[0]?.overviewId
  if (overviewId === undefined) throw refused('There is no overview yet: look over the smear first with "overview".')
  const { areas } = await client.overview.propose({
    overviewId,
    excluded,
    most: Math.min(20, Math.max(5, rank!)),
    ...(targetCells !== null && { targetCells }),
  })
  const chosen = areas.find((each) => each.rank === rank)
  if (!chosen)
    throw refused(`Overview ${overviewId} proposes ${areas.length} areas; see them with "overview show ${overviewId}".`)
  return { overviewId, rects: chosen.rects, excluded }
}

function refused(remedy: string): MedullaError {
  return new MedullaError('invalid-input', 'What to scan cannot be told from the options.', { remedy })
}
