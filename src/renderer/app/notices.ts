import { desk, type Notice } from './desk.ts'
import { describeProblem, isAbort } from './problem.ts'

let nextId = 1

/** Shows a problem until it is dismissed; the same one is not shown twice, and of a subject only the newest. */
export function showProblem(problem: Omit<Notice, 'id'>): void {
  const { notices } = desk.get()
  if (notices.some((notice) => notice.message === problem.message)) return
  const others = notices.filter(({ subject }) => subject === undefined || subject !== problem.subject)
  desk.set({ notices: [...others, { ...problem, id: nextId++ }].slice(-4) })
}

export function showError(error: unknown): void {
  if (!isAbort(error)) showProblem(describeProblem(error))
}

export function dismiss(id: number): void {
  desk.set({ notices: desk.get().notices.filter((notice) => notice.id !== id) })
}

export function announce(text: string): void {
  desk.set({ announcement: { id: nextId++, text } })
}
