import { implement } from '@orpc/server'
import { contract } from '../../shared/contract/index.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import type { SearchReport } from '../../shared/contract/search.ts'
import { MedullaError } from '../../shared/errors.ts'
import { searchReport } from '../../shared/search/report.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { imageKind } from './image-kind.ts'

export interface SearchParts {
  readonly casebook: Pick<Casebook, 'run' | 'readingModel' | 'searchedCells' | 'addSearchReview' | 'searchReviews'>
  readonly modelOfRun: (run: RunSummary) => Promise<ModelInfo | null>
}

interface Searched {
  readonly runId: number
  readonly class: ClassCode
  readonly recall: number
  readonly modelId: number | null
}

/** Rare cells among those a run has: all of them are kept with all their probabilities, so any class can be searched for afterwards. */
export function searchProcedures({ casebook, modelOfRun }: SearchParts) {
  const os = implement(contract)

  async function report({ runId, class: code, recall, modelId }: Searched): Promise<SearchReport> {
    const run = casebook.run(runId)
    return searchReport({
      runId,
      class: code,
      recall,
      model: modelId === null ? await modelOfRun(run) : casebook.readingModel(runId, modelId),
      images: imageKind(run.rig),
      cells: casebook.searchedCells(runId, code, modelId),
      counted: run.counted,
      ...casebook.searchReviews(runId, code),
    })
  }

  return {
    candidates: os.search.candidates.handler(({ input }) => report(input)),
    sign: os.search.sign.handler(async ({ input }) => {
      const { runId, class: code, modelId, cellIds, reader } = input
      const now = await report(input)
      const candidates = new Map(now.candidates.map((candidate) => [candidate.cellId, candidate]))
      const stranger = cellIds.find((id) => !candidates.has(id))
      if (stranger !== undefined) {
        throw new MedullaError('invalid-input', `Cell ${stranger} is no candidate of this search.`, {
          remedy: 'Ask for the candidates again and look at those.',
          values: { cell: stranger },
        })
      }
      const found = cellIds.filter((id) => candidates.get(id)!.class === code)
      const { atLeast, counted } = now
      casebook.addSearchReview({
        runId,
        modelId,
        class: code,
        atLeast,
        reader,
        counted,
        cellIds,
        found: found.length,
      })
      return report(input)
    }),
  }
}
