import type { Page } from 'playwright'

export interface SlowBench {
  /** Lets through what waits, and everything from now on. */
  quicken(): void
  /** What waits never reaches the bench, nor what comes until `quicken`: as with a cable that was pulled. */
  cutOff(): void
}

/** The real bench, but calls of a procedure (e.g. "cells/relabel") stay on the way to it until they are let through. */
export async function slowBench(page: Page, ...procedures: readonly string[]): Promise<SlowBench> {
  let mode: 'held' | 'open' | 'cut' = 'held'
  const held: (() => void)[] = []
  for (const procedure of procedures)
    await page.route(`**/rpc/${procedure}`, async (route) => {
      if (mode === 'held') await new Promise<void>((resolve) => held.push(resolve))
      await (mode === 'cut' ? route.abort() : route.continue())
    })
  const release = (): void => {
    for (const go of held.splice(0)) go()
  }
  return {
    quicken() {
      mode = 'open'
      release()
    },
    cutOff() {
      mode = 'cut'
      release()
    },
  }
}
