/** What the Electron preload adds to the page as `window.medullaDesktop`; absent in a browser. */
export interface MedullaDesktop {
  /** Lets a person pick a folder; null: cancelled. */
  readonly chooseFolder: () => Promise<string | null>
  /** Name of the person logged in to the computer, offered as the reader's name; null: not known. */
  readonly userName: string | null
}
