/**
 * Work that tells how far it is, as a stream: the newest state each time the reader asks, then what the work returns. A reader that
 * leaves early does not end the work; give it a signal for that.
 */
export async function* progressStream<P, R>(work: (tell: (progress: P) => void) => Promise<R>): AsyncGenerator<P, R> {
  const newest: P[] = []
  let wake = Promise.withResolvers<void>()
  let over = false
  const result = work((progress) => {
    newest[0] = progress
    wake.resolve()
  }).finally(() => {
    over = true
    wake.resolve()
  })
  // It is met below, or by nobody where the reader left.
  result.catch(() => undefined)
  while (!over) {
    await wake.promise
    wake = Promise.withResolvers<void>()
    const progress = newest.pop()
    if (progress !== undefined && !over) yield progress
  }
  return await result
}
