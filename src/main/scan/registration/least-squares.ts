/**
 * Weighted linear least squares with few unknowns a row, by conjugate gradients on the normal equations with the diagonal as preconditioner
 * (Hestenes and Stiefel 1952; Bjoerck, Numerical Methods for Least Squares Problems, 1996, section 7.4). Unknowns that no row names stay as
 * they were.
 */
export class LeastSquares {
  readonly unknowns: number
  readonly #starts: number[] = [0]
  readonly #columns: number[] = []
  readonly #factors: number[] = []
  readonly #targets: number[] = []
  readonly #weights: number[] = []

  constructor(unknowns: number) {
    this.unknowns = unknowns
  }

  /** That the sum of unknown times factor is to be `target`, within 1 / sqrt(weight). @returns the row's number. */
  add(terms: readonly (readonly [unknown: number, factor: number])[], target: number, weight: number): number {
    for (const [column, factor] of terms) {
      this.#columns.push(column)
      this.#factors.push(factor)
    }
    this.#starts.push(this.#columns.length)
    this.#weights.push(weight)
    return this.#targets.push(target) - 1
  }

  setWeight(row: number, weight: number): void {
    this.#weights[row] = weight
  }

  /** Better and better, from `start` on, until the gradient has fallen to a 10^-9th or `mostSteps` are done. */
  solve(start: Float64Array<ArrayBuffer>, mostSteps = 4000): Float64Array<ArrayBuffer> {
    const columns = Int32Array.from(this.#columns)
    const factors = Float64Array.from(this.#factors)
    const starts = Int32Array.from(this.#starts)
    const weights = Float64Array.from(this.#weights)
    const rows = weights.length
    const x = start.slice()
    const residual = Float64Array.from(this.#targets)
    const scale = new Float64Array(this.unknowns)
    const right = new Float64Array(this.unknowns)
    for (let row = 0; row < rows; row++) {
      for (let k = starts[row]!; k < starts[row + 1]!; k++) {
        scale[columns[k]!]! += weights[row]! * factors[k]! ** 2
        right[columns[k]!]! += weights[row]! * factors[k]! * residual[row]!
        residual[row]! -= factors[k]! * x[columns[k]!]!
      }
    }
    for (let i = 0; i < scale.length; i++) scale[i] = scale[i]! > 0 ? 1 / scale[i]! : 0
    const down = new Float64Array(this.unknowns)
    const across = new Float64Array(rows)
    const gradient = (): void => {
      down.fill(0)
      for (let row = 0; row < rows; row++) {
        const pull = weights[row]! * residual[row]!
        for (let k = starts[row]!; k < starts[row + 1]!; k++) down[columns[k]!]! += factors[k]! * pull
      }
    }
    const squares = (vector: Float64Array): number => {
      let sum = 0
      for (let i = 0; i < vector.length; i++) sum += vector[i]! ** 2 * scale[i]!
      return sum
    }
    gradient()
    const direction = new Float64Array(this.unknowns)
    let steep = squares(down)
    const enough = 1e-18 * squares(right)
    for (let i = 0; i < direction.length; i++) direction[i] = scale[i]! * down[i]!
    for (let step = 0; step < mostSteps && steep > enough; step++) {
      let bend = 0
      for (let row = 0; row < rows; row++) {
        let sum = 0
        for (let k = starts[row]!; k < starts[row + 1]!; k++) sum += factors[k]! * direction[columns[k]!]!
        across[row] = sum
        bend += weights[row]! * sum * sum
      }
      if (bend <= 0) break
      const length = steep / bend
      for (let i = 0; i < x.length; i++) x[i]! += length * direction[i]!
      for (let row = 0; row < rows; row++) residual[row]! -= length * across[row]!
      gradient()
      const next = squares(down)
      const turn = next / steep
      for (let i = 0; i < direction.length; i++) direction[i] = scale[i]! * down[i]! + turn * direction[i]!
      steep = next
    }
    return x
  }
}
