import type { LookingAt } from '../../../shared/contract/counted-areas.ts'
import type { Sitting, TallyPlace } from '../../../shared/contract/tally.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { slidePx } from '../../../shared/geometry.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import type { StagePosition } from '../../microscope/stage/stage.ts'
import type { RigKeeper } from '../microscope/rig-keeper.ts'
import { frameOf, sameFrame } from './frames.ts'
import { type Ledger, onStage } from './ledger.ts'
import { areaRound, type FieldOfView, fieldOfView } from './live-area.ts'
import type { Place } from './look.ts'

export interface PlaceParts {
  readonly casebook: Pick<Casebook, 'calibrations'>
  readonly keeper: RigKeeper
}

const NOWHERE = { area: null, frame: null, upright: true } as const

/** Where a person looks: through the camera in hand, or at the image of a run. */
export class Places {
  readonly #parts: PlaceParts

  constructor(parts: PlaceParts) {
    this.#parts = parts
  }

  /** As far as it is known without asking the microscope for anything. */
  seen(at: LookingAt, runId: number | null, ledger: Ledger): Place {
    if (at.kind === 'none') return { ...NOWHERE, problem: 'Nobody knows which place is looked at.' }
    if (at.kind === 'slide') return onSlide(at.area, runId, ledger)
    const { hands } = this.#parts.keeper
    if (!hands) return { ...NOWHERE, problem: 'No microscope is in hand.' }
    return this.#live(hands.position, ledger)
  }

  /** As a cell is counted there: the stage's position is read back. Rejects `device-failed` while it moves, or where it is not known. */
  async counted(at: LookingAt, sitting: Sitting, ledger: Ledger): Promise<Place> {
    if (at.kind !== sitting.place) throw begunElsewhere(sitting, `it was begun ${PLACE_WORDS[sitting.place]}`)
    if (at.kind !== 'live') return this.seen(at, sitting.runId, ledger)
    const place = this.#live(await this.#parts.keeper.requireHands().here(), ledger)
    // Places that are not known from the start stay so, and the sitting says why.
    if (sitting.frame === null) return { ...place, area: null, frame: null }
    if (place.frame === null || !sameFrame(place.frame, { ...sitting.frame, mounting: place.frame.mounting }))
      throw begunElsewhere(
        sitting,
        `it was begun with ${sitting.frame.rig}, ${objectiveWords(sitting.frame.objective)}`,
      )
    return place
  }

  /** In which frame a sitting counts that begins there; null: its places are not known. */
  frameAt(place: TallyPlace, runId: number | null, ledger: Ledger): Sitting['frame'] {
    if (place === 'none') return null
    if (place === 'live') {
      this.#parts.keeper.requireHands()
      return this.#fieldOfView() && frameOf(this.#parts.keeper.open!.settings)
    }
    const frame = runId === null ? null : (ledger.run(runId)?.frame ?? null)
    return frame && { rig: frame.rig, objective: frame.objective }
  }

  #fieldOfView(): FieldOfView | null {
    const { open } = this.#parts.keeper
    return open && fieldOfView(open.rig, open.settings, this.#parts.casebook)
  }

  #live(position: StagePosition | null, ledger: Ledger): Place {
    const view = this.#fieldOfView()
    const frame = frameOf(this.#parts.keeper.open!.settings)
    if (!view || !frame) {
      return {
        ...NOWHERE,
        problem: 'The pixel size of this microscope is not known: calibrate it, and places are known.',
      }
    }
    const { upright } = view
    if (!position) return { ...NOWHERE, upright, problem: 'Where the stage stands is not known.' }
    return {
      area: areaRound(position, view),
      frame: { ...frame, mounting: ledger.moves.length },
      problem: null,
      upright,
    }
  }
}

function onSlide(
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  runId: number | null,
  ledger: Ledger,
): Place {
  const run = runId === null ? null : ledger.run(runId)
  if (!run?.slide)
    return { ...NOWHERE, problem: 'The images of a folder have no place on a stage: nothing can be compared.' }
  const { x, y, width, height } = area
  return {
    area: onStage({ origin: slidePx(x, y), width, height }, run.slide),
    frame: run.frame,
    problem: null,
    upright: true,
  }
}

const PLACE_WORDS: Readonly<Record<TallyPlace, string>> = {
  live: 'at the live image of a microscope',
  slide: 'at the image of a run',
  none: 'in the eyepiece',
}

const objectiveWords = (objective: string | null): string =>
  objective === null ? 'no objective named' : `objective ${objective}`

function begunElsewhere({ sittingId }: Sitting, how: string): MedullaError {
  return new MedullaError('invalid-input', `Sitting ${sittingId} cannot go on here: ${how}. Nothing was counted.`, {
    remedy: 'Begin another sitting here, or go on where it was begun.',
    values: { sitting: sittingId },
  })
}
