import type { MicroscopeLine } from '../../../shared/contract/microscope.ts'
import type { CameraNotice } from '../../microscope/camera/camera.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { StageNotice } from '../../microscope/stage/stage.ts'

const KEPT = 80

/** What happened to the microscope: what was asked of it here, and what stage and camera tell of themselves. */
export class MicroscopeLog {
  #lines: MicroscopeLine[] = []
  /** Notices taken over so far. */
  #taken = new WeakSet<StageNotice | CameraNotice>()

  say(kind: MicroscopeLine['kind'], message: string, at = new Date()): void {
    this.#lines = [...this.#lines, { at: at.toISOString(), kind, message }].slice(-KEPT)
  }

  /** Takes over what is new. */
  hear({ driven, camera }: Pick<StageRig, 'driven' | 'camera'>): void {
    const news = [...(driven?.notices ?? []), ...camera.notices].filter((notice) => !this.#taken.has(notice))
    for (const notice of news.sort((a, b) => a.atMs - b.atMs)) {
      this.#taken.add(notice)
      this.say(notice.kind, notice.message, new Date(Date.now() - (performance.now() - notice.atMs)))
    }
  }

  get lines(): MicroscopeLine[] {
    return this.#lines
  }
}
