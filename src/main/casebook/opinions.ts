import type Database from 'better-sqlite3'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Casebook } from './casebook.ts'

export type Opinions = Pick<Casebook, 'opinions' | 'doubts'>

type OpinionRow = [machine: ClassCode | null, current: ClassCode | null, reader: string | null, said: Buffer | null]
type DoubtRow = [probability: number | null, unfamiliar: number | null]

export function opinionsOf(database: Database.Database): Opinions {
  const prediction = `FROM run JOIN cell ON cell.run_id = run.id
    LEFT JOIN prediction ON prediction.cell_id = cell.id AND prediction.model_id = coalesce(@model, run.model_id)`
  const ofRun = database
    .prepare<[{ model: number | null; run: number }], OpinionRow>(`
      SELECT prediction.class, current_class, reader, probabilities ${prediction} WHERE run.id = @run AND cell.left_out = 0 ORDER BY cell.id`)
    .raw()
  const doubtsOfRun = database
    .prepare<[{ model: number | null; run: number }], DoubtRow>(`
      SELECT iif(reader IS NULL, probability, NULL), unfamiliarity > unfamiliar_above ${prediction}
      LEFT JOIN reading ON reading.run_id = run.id AND reading.model_id = coalesce(@model, run.model_id)
      WHERE run.id = @run AND cell.left_out = 0`)
    .raw()

  return {
    opinions(runId, modelId = null) {
      const rows = ofRun.all({ model: modelId, run: runId })
      const said = rows.flatMap((row) => (row[3] ? [row[3]] : []))
      const probabilities = new Float32Array(said.reduce((values, blob) => values + blob.length / 4, 0))
      let at = 0
      for (const blob of said) for (let i = 0; i < blob.length; i += 4) probabilities[at++] = blob.readFloatLE(i)
      const cells = rows.map(([machine, current, reader]) => ({
        named: machine,
        read: reader === null ? null : current,
      }))
      return { cells, probabilities }
    },
    doubts(runId, limits, modelId = null) {
      const unsure = limits.map(() => 0)
      let unfamiliar: number | null = null
      for (const [probability, strange] of doubtsOfRun.all({ model: modelId, run: runId })) {
        if (strange !== null) unfamiliar = (unfamiliar ?? 0) + strange
        if (probability === null) continue
        for (const [i, below] of limits.entries()) if (probability < below) unsure[i]++
      }
      return { unsure, unfamiliar }
    },
  }
}
