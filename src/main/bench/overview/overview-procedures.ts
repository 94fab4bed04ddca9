import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { contract } from '../../../shared/contract/index.ts'
import { expectArea } from '../../../shared/overview/expect.ts'
import { proposeAreas } from '../../../shared/overview/propose.ts'
import { smearMap } from '../../../shared/overview/smear-map.ts'
import { areaReasons } from '../../../shared/overview/words.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import { withBoundaryErrors } from '../boundary-errors.ts'
import { experienceOf } from './experience.ts'
import type { OverviewManager } from './overview-manager.ts'

export interface OverviewProcedureParts {
  readonly casebook: Casebook
  readonly overviews: OverviewManager
  readonly log: Logger
}

/** The procedures that look over a smear and say where to count. */
export function overviewProcedures({ casebook, overviews, log }: OverviewProcedureParts) {
  const os = implement(contract.overview)
  const read = (overviewId: number) => {
    const overview = casebook.overview(overviewId)
    return {
      overview,
      map: smearMap(casebook.overviewPlaces(overviewId), overview.pitchUm),
      ...experienceOf(casebook, overview),
    }
  }

  return os.router({
    start: os.start.handler(({ input }) => overviews.start(input)),
    abort: os.abort.handler(({ input }) => overviews.abort(input.overviewId)),
    get: os.get.handler(({ input: { overviewId } }) => ({
      overview: casebook.overview(overviewId),
      places: casebook.overviewPlaces(overviewId),
    })),
    list: os.list.handler(({ input }) => ({ overviews: casebook.overviews(input.caseId) })),
    events: os.events.handler(({ input, signal }) => {
      casebook.overview(input.overviewId)
      return withBoundaryErrors(overviews.events(input.overviewId, input.after, signal), log)
    }),
    propose: os.propose.handler(({ input: { overviewId, ...asked } }) => {
      const { overview, map, counted, pace } = read(overviewId)
      const areas = proposeAreas(map, { ...asked, step: overview.step, counted, pace })
      return {
        areas: areas.map((area) => ({
          ...area,
          rects: [...area.rects],
          reasons: areaReasons(map, area.rects, area.expectation),
        })),
      }
    }),
    expect: os.expect.handler(({ input: { overviewId, ...asked } }) => {
      const { overview, map, counted, pace } = read(overviewId)
      const expectation = expectArea(map, { ...asked, step: overview.step, counted, pace })
      return { expectation, reasons: areaReasons(map, asked.rects, expectation) }
    }),
  })
}
