import type { MedullaDesktop } from '../shared/desktop.ts'

declare global {
  interface Window {
    /** Present in the Electron window only. */
    readonly medullaDesktop?: MedullaDesktop
  }
}
