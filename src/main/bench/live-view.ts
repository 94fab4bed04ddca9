import sharp from 'sharp'
import type { FrameView } from '../../shared/contract/microscope.ts'
import type { RgbImage } from '../../shared/image.ts'
import { frameStats } from './microscope/frame-stats.ts'

const WIDTH_PX = 960

/** The newest frame, small, for the person who wants to see what the camera sees. Encoded only when asked for. */
export class LiveView {
  #frame: RgbImage | null = null
  /** Begins elsewhere in each process: a browser keeps pictures by their number. */
  #sequence = Date.now()
  #stats: FrameView | null = null
  #jpeg: { readonly sequence: number; readonly bytes: Promise<Uint8Array> } | null = null

  /** Number of the newest frame; null: none yet. */
  get sequence(): number | null {
    return this.#frame ? this.#sequence : null
  }

  show(frame: RgbImage): void {
    this.#frame = frame
    this.#sequence++
  }

  /** Of the newest frame; worked out once, when asked for. null: no frame yet. */
  stats(): FrameView | null {
    if (!this.#frame) return null
    if (this.#stats?.sequence !== this.#sequence) this.#stats = { sequence: this.#sequence, ...frameStats(this.#frame) }
    return this.#stats
  }

  /** null: no frame yet. */
  async jpeg(): Promise<Uint8Array | null> {
    if (!this.#frame) return null
    if (this.#jpeg?.sequence !== this.#sequence) {
      const { data, widthPx, heightPx } = this.#frame
      const bytes = sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })
        .resize({ width: WIDTH_PX, withoutEnlargement: true })
        .jpeg({ quality: 80 })
        .toBuffer()
      this.#jpeg = { sequence: this.#sequence, bytes }
    }
    return this.#jpeg.bytes
  }
}
