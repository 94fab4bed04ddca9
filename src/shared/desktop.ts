/** What the menu of the desktop window asks the page to do. */
export type MenuAction = 'scan' | 'shortcuts' | 'map' | 'models'

/** What the Electron preload adds to the page as `window.medullaDesktop`; absent in a browser. */
export interface MedullaDesktop {
  /** Lets a person pick a folder; null: cancelled. */
  readonly chooseFolder: () => Promise<string | null>
  /** Lets a person pick a model package, its folder or its zip file; null: cancelled. */
  readonly chooseModel: (kind: 'folder' | 'zip') => Promise<string | null>
  /** Shows a file or folder in the platform's file manager. */
  readonly revealInFolder: (path: string) => Promise<void>
  /** Calls back when a menu entry is chosen; returns how to stop that. */
  readonly onMenu: (listener: (action: MenuAction) => void) => () => void
  /** Name of the person logged in to the computer, offered as the reader's name; null: not known. */
  readonly userName: string | null
}
