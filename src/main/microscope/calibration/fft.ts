/**
 * The discrete Fourier transform of a plane of complex numbers in place: radix 2 (Cooley and Tukey 1965), rows then columns. The
 * backward transform is not divided by the number of points. Why it is our own: decision 19.
 */
export class PlaneTransform {
  readonly widthPx: number
  readonly heightPx: number
  readonly #rows: LineTransform
  readonly #columns: LineTransform

  /** @throws RangeError unless both sides are powers of two. */
  constructor(widthPx: number, heightPx: number) {
    this.widthPx = widthPx
    this.heightPx = heightPx
    this.#rows = new LineTransform(widthPx)
    this.#columns = widthPx === heightPx ? this.#rows : new LineTransform(heightPx)
  }

  forward(real: Float64Array, imaginary: Float64Array): void {
    for (let y = 0; y < this.heightPx; y++) this.#rows.transform(real, imaginary, y * this.widthPx, 1)
    for (let x = 0; x < this.widthPx; x++) this.#columns.transform(real, imaginary, x, this.widthPx)
  }

  backward(real: Float64Array, imaginary: Float64Array): void {
    // Real and imaginary parts changed over, before and after, turn the one into the other.
    this.forward(imaginary, real)
  }
}

class LineTransform {
  readonly #length: number
  readonly #reversed: Uint32Array
  readonly #cos: Float64Array
  readonly #sin: Float64Array
  readonly #re: Float64Array
  readonly #im: Float64Array

  constructor(length: number) {
    const bits = Math.log2(length)
    if (!Number.isInteger(bits) || length < 2) throw new RangeError(`${length} is no power of two`)
    this.#length = length
    this.#reversed = Uint32Array.from({ length }, (_, i) => {
      let turned = 0
      for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) turned |= 1 << (bits - 1 - bit)
      return turned
    })
    this.#cos = Float64Array.from({ length: length / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / length))
    this.#sin = Float64Array.from({ length: length / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / length))
    this.#re = new Float64Array(length)
    this.#im = new Float64Array(length)
  }

  transform(real: Float64Array, imaginary: Float64Array, start: number, stride: number): void {
    const n = this.#length
    const [re, im, cos, sin, reversed] = [this.#re, this.#im, this.#cos, this.#sin, this.#reversed]
    for (let i = 0, at = start; i < n; i++, at += stride) {
      const to = reversed[i]!
      re[to] = real[at]!
      im[to] = imaginary[at]!
    }
    for (let half = 1; half < n; half *= 2) {
      const turn = n / (2 * half)
      for (let block = 0; block < n; block += 2 * half) {
        for (let k = 0, w = 0; k < half; k++, w += turn) {
          const i = block + k
          const j = i + half
          const c = cos[w]!
          const s = sin[w]!
          const r = re[j]! * c - im[j]! * s
          const m = re[j]! * s + im[j]! * c
          re[j] = re[i]! - r
          im[j] = im[i]! - m
          re[i] = re[i]! + r
          im[i] = im[i]! + m
        }
      }
    }
    for (let i = 0, at = start; i < n; i++, at += stride) {
      real[at] = re[i]!
      imaginary[at] = im[i]!
    }
  }
}
