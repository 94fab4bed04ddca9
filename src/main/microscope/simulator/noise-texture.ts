import { Random } from './random.ts'

/** Side of the noise texture, texels; a power of two. */
export const TEXTURE_SIZE = 256
/** Texels from one knot of the noise to the next: the size of a feature. */
export const TEXTURE_FEATURE = 8

/**
 * Gradient noise (Perlin 1985) that tiles, mean 0, standard deviation 1: `TEXTURE_SIZE` squared, row by row.
 * Cells, haze and background sample it at their own scale, offset and angle, so that it costs one look-up a pixel.
 */
export const noiseTexture: Float32Array = makeTexture()

function makeTexture(): Float32Array {
  const random = new Random(0x5eed)
  const knots = TEXTURE_SIZE / TEXTURE_FEATURE
  const gradients = new Float32Array(knots * knots * 2)
  for (let i = 0; i < knots * knots; i++) {
    const angle = random.angle()
    gradients[2 * i] = Math.cos(angle)
    gradients[2 * i + 1] = Math.sin(angle)
  }
  const ease = (t: number) => t * t * t * (t * (t * 6 - 15) + 10)
  const dot = (kx: number, ky: number, dx: number, dy: number) => {
    const k = (((ky + knots) % knots) * knots + ((kx + knots) % knots)) * 2
    return gradients[k]! * dx + gradients[k + 1]! * dy
  }
  const texture = new Float32Array(TEXTURE_SIZE * TEXTURE_SIZE)
  let squares = 0
  for (let y = 0; y < TEXTURE_SIZE; y++) {
    for (let x = 0; x < TEXTURE_SIZE; x++) {
      const fx = x / TEXTURE_FEATURE
      const fy = y / TEXTURE_FEATURE
      const kx = Math.floor(fx)
      const ky = Math.floor(fy)
      const dx = fx - kx
      const dy = fy - ky
      const sx = ease(dx)
      const top = dot(kx, ky, dx, dy) * (1 - sx) + dot(kx + 1, ky, dx - 1, dy) * sx
      const bottom = dot(kx, ky + 1, dx, dy - 1) * (1 - sx) + dot(kx + 1, ky + 1, dx - 1, dy - 1) * sx
      const value = top + (bottom - top) * ease(dy)
      texture[y * TEXTURE_SIZE + x] = value
      squares += value * value
    }
  }
  const gain = 1 / Math.sqrt(squares / texture.length)
  for (let i = 0; i < texture.length; i++) texture[i]! *= gain
  return texture
}

/** The noise at a point given in features (not texels), nearest texel. */
export function noiseAt(x: number, y: number): number {
  const tx = Math.floor(x * TEXTURE_FEATURE) & (TEXTURE_SIZE - 1)
  const ty = Math.floor(y * TEXTURE_FEATURE) & (TEXTURE_SIZE - 1)
  return noiseTexture[ty * TEXTURE_SIZE + tx]!
}

/**
 * Unevenness of what dries between cells: 128 is the mean; `TEXTURE_SIZE` squared, tiles. Three octaves, each turned by whole
 * numbers of texels so that it still tiles but shows no rows and columns.
 */
export const plasmaTexture: Uint8ClampedArray = makePlasma()

function makePlasma(): Uint8ClampedArray {
  const texture = new Uint8ClampedArray(TEXTURE_SIZE * TEXTURE_SIZE)
  const mask = TEXTURE_SIZE - 1
  const octave = (x: number, y: number, a: number, b: number) => {
    const tx = (a * x + b * y) & mask
    const ty = (a * y - b * x) & mask
    return noiseTexture[ty * TEXTURE_SIZE + tx]!
  }
  for (let y = 0; y < TEXTURE_SIZE; y++) {
    for (let x = 0; x < TEXTURE_SIZE; x++) {
      const value =
        0.11 * octave(x, y, 1, 0) + 0.06 * octave(x, y, 1, 1) + 0.07 * octave(x, y, 2, 1) + 0.05 * octave(x, y, 3, 2)
      texture[y * TEXTURE_SIZE + x] = 128 * (1 + value)
    }
  }
  return texture
}
