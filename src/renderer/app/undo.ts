/** What the window's own last acts were, newest last: each is taken back by what it left here. */
const acts: (() => void)[] = []

export function rememberUndo(takeBack: () => void): void {
  acts.push(takeBack)
}

/** The newest act that was not taken back yet; undefined: there is none. */
export const newestUndo = (): (() => void) | undefined => acts.at(-1)

export function forgetNewestUndo(): void {
  acts.pop()
}
