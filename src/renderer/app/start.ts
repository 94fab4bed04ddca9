import { bench, token } from './bench.ts'
import { desk } from './desk.ts'
import { keepUnsureMarked } from './error-rate.ts'
import { showProblem } from './notices.ts'
import { describeProblem } from './problem.ts'
import { catchUpOnReturn, openRun, pause, retryDelayMs } from './run-link.ts'
import { openImageSession } from './session.ts'

/** Reaches the bench, however long that takes, and opens the run it works on, else the newest one. */
export async function start(): Promise<void> {
  document.addEventListener('visibilitychange', catchUpOnReturn)
  keepUnsureMarked()
  for (let attempt = 0; ; attempt++) {
    try {
      await openImageSession(token)
      const system = await bench.system.info()
      const { cases } = await bench.cases.list()
      desk.set({ system, cases, connection: 'open' })
      const newest = Math.max(0, ...cases.flatMap((entry) => entry.runs.map((run) => run.runId)))
      const runId = system.activeRunId ?? newest
      if (runId > 0) openRun(runId)
      void examine()
      return
    } catch (error) {
      const problem = describeProblem(error)
      if (problem.code !== null) showProblem(problem)
      desk.set({ connection: attempt === 0 ? 'connecting' : 'lost' })
      await pause(retryDelayMs(attempt))
    }
  }
}

/** Asks the bench what is wrong with itself and its devices. A bench that cannot tell leaves the footer without the word. */
export async function examine(): Promise<void> {
  try {
    const { findings } = await bench.system.doctor()
    desk.set({ findings })
  } catch {
    desk.set({ findings: null })
  }
}
