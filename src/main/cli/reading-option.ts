import type { BenchClient } from '../../shared/contract/index.ts'
import { MedullaError } from '../../shared/errors.ts'

/**
 * The model's number that `--reading` means: that number, NAME or NAME@VERSION, with /float or /int8 where both graphs read the run;
 * null: not given, so the run's own model. Rejects `not-found` where none or several are meant.
 */
export async function readingNumber(
  client: BenchClient,
  runId: number,
  text: string | undefined,
): Promise<number | null> {
  if (text === undefined) return null
  const { readings } = await client.runs.readings({ runId })
  const [name, variant] = text.split('/')
  const meant = readings.filter(
    (each) =>
      String(each.modelId) === text ||
      ((name === each.name || name === `${each.name}@${each.version}`) && each.variant === (variant ?? each.variant)),
  )
  if (meant.length === 1) return meant[0].modelId
  const there = readings.map((each) => `${each.modelId} (${each.name}@${each.version}/${each.variant})`)
  throw new MedullaError(
    'not-found',
    meant.length === 0
      ? `No model ${text} read run ${runId}.`
      : `${meant.length} readings of run ${runId} are called ${text}.`,
    {
      remedy: there.length === 0 ? 'No model read this run.' : `Name one of ${there.join(', ')}.`,
      values: { run: runId },
    },
  )
}
