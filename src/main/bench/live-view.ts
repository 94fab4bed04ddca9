import sharp from 'sharp'
import type { RgbImage } from '../../shared/image.ts'

const WIDTH_PX = 640

/** The newest frame, small, for the person who wants to see what the camera sees. Encoded only when asked for. */
export class LiveView {
  #frame: RgbImage | null = null
  #sequence = 0
  #jpeg: { readonly sequence: number; readonly bytes: Promise<Uint8Array> } | null = null

  /** Number of the newest frame; null: none yet. */
  get sequence(): number | null {
    return this.#frame ? this.#sequence : null
  }

  show(frame: RgbImage): void {
    this.#frame = frame
    this.#sequence++
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
