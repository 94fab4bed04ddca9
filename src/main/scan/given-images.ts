import { crc32 } from 'node:zlib'
import type { RgbImage } from '../../shared/image.ts'
import type { StagePosition } from '../microscope/stage/stage.ts'

/** Farther from each other than this, micrometres, two exposures cannot show the same: cells would be counted in two places. */
const ONE_PLACE_UM = 5
/** A driver that hangs may hand its buffers round; Aravis has 50 of them. */
const KEPT_IMAGES = 64
/** Of neighbouring pixels that noise or cells tell apart, the share below which an image is plain. */
const PLAIN_SHARE = 0.001

interface Given {
  readonly checksum: string
  readonly at: StagePosition
}

/**
 * What a camera has given, and where the stage stood. Noise makes any two exposures differ, so an image that is equal to an earlier one, byte for byte, is
 * no exposure: the camera hangs. Of each image only a checksum is kept.
 */
export class GivenImages {
  readonly #given: Given[] = []

  /**
   * Whether the camera gave this very image at another place before. At the same place it may: a simulated camera's noise goes by the place. A plain image may
   * anywhere: where every pixel is at an end of the camera's scale there is no noise, and nothing to be counted either.
   * @param at where the stage stood, as read back.
   */
  isRepeated(image: RgbImage, at: StagePosition): boolean {
    const checksum = checksumOf(image)
    const isElsewhere = (other: Given) => other.checksum === checksum && apartUm(other.at, at) > ONE_PLACE_UM
    if (this.#given.some(isElsewhere) && !isPlain(image)) return true
    this.#given.push({ checksum, at })
    if (this.#given.length > KEPT_IMAGES) this.#given.shift()
    return false
  }
}

/** 64 bits: so far from chance, in a scan of any length, that equal means equal. */
function checksumOf({ data }: RgbImage): string {
  const half = data.length >> 1
  return `${crc32(data.subarray(0, half))} ${crc32(data.subarray(half))}`
}

const apartUm = (a: StagePosition, b: StagePosition) => Math.hypot(a.xUm - b.xUm, a.yUm - b.yUm, a.zUm - b.zUm)

/** Hardly a pixel differs from its neighbour on the right: black, or overexposed, but for stuck pixels. */
function isPlain({ data, widthPx, heightPx }: RgbImage): boolean {
  let differ = 0
  for (let y = 0; y < heightPx; y++) {
    const end = 3 * (y + 1) * widthPx - 3
    for (let i = 3 * y * widthPx; i < end; i += 3) {
      if (data[i] !== data[i + 3] || data[i + 1] !== data[i + 4] || data[i + 2] !== data[i + 5]) differ++
    }
  }
  return differ < PLAIN_SHARE * widthPx * heightPx
}
