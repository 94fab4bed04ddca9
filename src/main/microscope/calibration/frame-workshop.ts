import { asBuffer } from '../../as-buffer.ts'
import { pagesFor } from '../../vector-code.ts'
import { fillGains } from './gains.ts'
import type { CalibrationsInUse } from './in-use.ts'
import { GROUP_BYTES, type LightKernel, lightKernel } from './light-kernel.ts'
import type { Turn } from './turn.ts'
import { beyondFrameBytes, SPILLED_BYTES, type TurnKernel, turnKernel } from './turn-kernel.ts'

export type KnownLight = Pick<CalibrationsInUse, 'dark-frame' | 'flat-field' | 'white-balance'>

interface Size {
  readonly widthPx: number
  readonly heightPx: number
}

/** Memory in which frames of one size are put right, one after another. */
export class FrameWorkshop {
  readonly #memory: Buffer
  readonly #turn: Turn | null
  readonly #stuck: readonly number[]
  /** null: light is as it is. */
  readonly #putLightRight: (() => void) | null
  readonly #turnRow: TurnKernel
  readonly #way: Float64Array
  readonly #at: ReturnType<typeof placesOf>
  readonly #size: Size

  constructor(size: Size, light: KnownLight | null, turn: Turn | null) {
    const at = placesOf(size, light !== null, turn)
    const memory = new WebAssembly.Memory({ initial: pagesFor(at.end) })
    const { buffer } = memory
    this.#size = size
    this.#at = at
    this.#turn = turn
    this.#memory = Buffer.from(buffer)
    this.#way = new Float64Array(buffer, at.way, 4)
    this.#turnRow = turnKernel(memory)
    this.#stuck = light?.['dark-frame']?.stuck ?? []
    this.#putLightRight = null
    if (light) {
      fillGains(new Uint16Array(buffer, at.gains, 3 * size.widthPx * size.heightPx), size, light)
      const level = light['dark-frame']?.level ?? [0, 0, 0]
      new Int16Array(buffer, at.levels, GROUP_BYTES).forEach((_, i, levels) => {
        levels[i] = Math.round(level[i % 3]!)
      })
      const run: LightKernel = lightKernel(memory)
      this.#putLightRight = () => run(at.frame, at.gains, at.levels, at.groups)
    }
  }

  /**
   * A frame's pixels put right.
   * @param into of the turned image's size, where there is a turn.
   */
  putRight(frame: Uint8Array, into: Uint8Array): void {
    const { frame: at } = this.#at
    asBuffer(frame).copy(this.#memory, at)
    this.#putLightRight?.()
    this.#fillStuck()
    if (this.#turn) this.#turnInto(into, this.#turn)
    else this.#memory.copy(into, 0, at, at + into.length)
  }

  #turnInto(into: Uint8Array, turn: Turn): void {
    const { way, frame, row } = this.#at
    const rowBytes = 3 * turn.widthPx
    for (let y = 0; y < turn.heightPx; y++) {
      this.#way.set([turn.x0 + turn.xy * y, turn.y0 + turn.yy * y, turn.xx, turn.yx])
      this.#turnRow(way, frame, 3 * this.#size.widthPx, row, turn.widthPx)
      this.#memory.copy(into, y * rowBytes, row, row + rowBytes)
    }
  }

  #fillStuck(): void {
    const { widthPx } = this.#size
    const data = this.#memory
    for (const pixel of this.#stuck) {
      const x = pixel % widthPx
      const [left, right] = [x > 0 ? pixel - 1 : pixel + 1, x < widthPx - 1 ? pixel + 1 : pixel - 1]
      const [to, a, b] = [pixel, left, right].map((each) => this.#at.frame + 3 * each) as [number, number, number]
      for (let c = 0; c < 3; c++) data[to + c] = (data[a + c]! + data[b + c]! + 1) >> 1
    }
  }
}

/** What is longest first, so that each begins at a multiple of its items' size. */
function placesOf({ widthPx, heightPx }: Size, isLit: boolean, turn: Turn | null) {
  const groups = Math.ceil((3 * widthPx * heightPx) / GROUP_BYTES)
  const way = 0
  const gains = way + 4 * Float64Array.BYTES_PER_ELEMENT
  const levels = gains + (isLit ? 2 * groups * GROUP_BYTES : 0)
  const frame = levels + 2 * GROUP_BYTES
  const row = frame + groups * GROUP_BYTES + beyondFrameBytes(widthPx)
  const end = row + 3 * (turn?.widthPx ?? 0) + SPILLED_BYTES
  return { groups, way, gains, levels, frame, row, end }
}
