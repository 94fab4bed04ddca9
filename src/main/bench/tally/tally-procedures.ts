import { implement } from '@orpc/server'
import { contract } from '../../../shared/contract/index.ts'
import type { RunSummary } from '../../../shared/contract/runs.ts'
import type { Sitting, SittingState } from '../../../shared/contract/tally.ts'
import { compareCounts } from '../../../shared/differential/comparison.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { stageToSlide } from '../../../shared/geometry.ts'
import { sittingWords } from '../../../shared/ledger/words.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import type { RigKeeper } from '../microscope/rig-keeper.ts'
import { caseCounts, countedBeforeRun, tallyDifferentialOf } from './case-count.ts'
import { compareSameArea } from './compare.ts'
import { frameOf, sameFrame } from './frames.ts'
import { Ledger, toCountedArea } from './ledger.ts'
import { lookAt, strangersWords } from './look.ts'
import { Places } from './places.ts'

export interface TallyParts {
  readonly casebook: Casebook
  readonly keeper: RigKeeper
}

/** Counting by hand, and the ledger that machine and person share. */
export function tallyProcedures({ casebook, keeper }: TallyParts) {
  const os = implement(contract.tally)
  const places = new Places({ casebook, keeper })

  function state(sittingId: number): SittingState {
    const counts = casebook.sittingCounts(sittingId)
    return {
      sitting: casebook.sitting(sittingId),
      counts: [...counts].map(([code, count]) => ({ class: code, count })),
      differential: tallyDifferentialOf(counts),
    }
  }

  return os.router({
    list: os.list.handler(({ input }) => ({ sittings: casebook.sittings(input.caseId) })),
    start: os.start.handler(({ input }) => {
      const { caseId, place, runId } = input
      const frame = places.frameAt(place, runId, new Ledger(casebook, caseId))
      return state(casebook.startSitting({ ...input, frame }).sittingId)
    }),
    get: os.get.handler(({ input }) => state(input.sittingId)),
    count: os.count.handler(async ({ input }) => {
      const sitting = casebook.sitting(input.sittingId)
      const ledger = new Ledger(casebook, sitting.caseId)
      const place = await places.counted(input.at, sitting, ledger)
      casebook.countCell(sitting.sittingId, input.class, place.area)
      const after = state(sitting.sittingId)
      return { ...after, look: lookAt(place, ledger, after.sitting) }
    }),
    undo: os.undo.handler(({ input }) => {
      const undone = casebook.undoCell(input.sittingId)
      return { ...state(input.sittingId), undone }
    }),
    look: os.look.handler(({ input }) => {
      const sitting = input.sittingId === null ? null : casebook.sitting(input.sittingId)
      const ledger = new Ledger(casebook, input.caseId)
      return lookAt(places.seen(input.at, sitting?.runId ?? input.runId, ledger), ledger, sitting)
    }),
    areas: os.areas.handler(({ input }) => ({
      areas: new Ledger(casebook, input.caseId).entries().map(toCountedArea),
    })),
    onSlide: os.onSlide.handler(({ input }) => {
      const ledger = new Ledger(casebook, casebook.run(input.runId).caseId)
      const { frame, slide } = ledger.run(input.runId)!
      if (!frame || !slide) return { areas: [], problem: null }
      const areas = ledger.ofPeople().flatMap(({ by, area, frame: other, cells }) => {
        if (!area || !sameFrame(other, frame)) return []
        const { x, y } = stageToSlide(area.origin, slide)
        const { pixelSizeUm } = slide
        return [{ by, area: { x, y, width: area.width / pixelSizeUm, height: area.height / pixelSizeUm }, cells }]
      })
      return { areas, problem: strangersWords(ledger, frame) }
    }),
    ahead: os.ahead.handler(({ input }) => ({ sentences: ahead(input.caseId, frameOf(input.rig)) })),
    ofRun: os.ofRun.handler(({ input }) => ({
      sentences: countedBeforeRun(casebook, casebook.run(input.runId).caseId, input.runId),
    })),
    ofCase: os.ofCase.handler(({ input }) => caseCounts(casebook, input.caseId)),
    compare: os.compare.handler(({ input }) => {
      const { sittingId, runId, modelId } = input
      const sitting = casebook.sitting(sittingId)
      requireSameCase(sitting, casebook.run(runId))
      const ledger = new Ledger(casebook, sitting.caseId)
      const { machine } = casebook.counts(runId, modelId)
      const held = compareSameArea({
        sitting,
        ledger,
        views: casebook.sittingViews(sittingId),
        run: ledger.run(runId)!,
        owned: casebook.machineAreas(runId),
        cells: casebook.placedCells(runId, modelId),
      })
      return { sitting, runId, ...held, whole: compareCounts(casebook.sittingCounts(sittingId), machine) }
    }),
    slideMoved: os.slideMoved.handler(({ input }) => ({ mounting: casebook.moveSlide(input.caseId, input.reader) })),
  })

  function ahead(caseId: number, frame: ReturnType<typeof frameOf>): string[] {
    const ledger = new Ledger(casebook, caseId)
    const people = casebook.sittings(caseId).filter(({ purpose, cells }) => purpose === 'add' && cells > 0)
    if (frame === null) {
      return people.length === 0
        ? []
        : ['Images of a folder have no place on a stage: whether they show what was counted by hand cannot be told.']
    }
    const here = { ...frame, mounting: ledger.moves.length }
    const counted = people
      .filter((each) =>
        ledger.ofPeople().some((entry) => isOf(entry.by, each.sittingId) && sameFrame(entry.frame, here)),
      )
      .map(
        (each) =>
          `${sittingWords(each)} on this slide: where the scan comes there, cells are counted once when the case is put together.`,
      )
    const strangers = strangersWords(ledger, here)
    return [...counted, ...(people.length > 0 && strangers ? [strangers] : [])]
  }
}

function requireSameCase({ sittingId, caseId }: Sitting, run: RunSummary): void {
  if (run.caseId === caseId) return
  throw new MedullaError('invalid-input', `Sitting ${sittingId} and run ${run.runId} are of different cases.`, {
    remedy: 'Compare it with a run of its own case.',
    values: { sitting: sittingId, run: run.runId },
  })
}

const isOf = (by: { readonly kind: string; readonly sittingId?: number }, sittingId: number): boolean =>
  by.kind === 'sitting' && by.sittingId === sittingId
