/** Rounds of the power iteration: the layout starts from the plane, so a rough one will do. */
const ROUNDS = 40

/**
 * Places on the plane of the two axes along which the vectors differ most (principal components), mean 0, the larger spread 1.
 *
 * @returns count x 2
 */
export function principalPlane(vectors: Float32Array, count: number, size: number): Float64Array {
  const mean = new Float64Array(size)
  for (let row = 0; row < count; row++) for (let i = 0; i < size; i++) mean[i] += vectors[row * size + i] / count
  const axes: Float64Array[] = []
  for (let axis = 0; axis < 2; axis++) axes.push(mainAxis(vectors, count, size, mean, axes))
  const places = new Float64Array(count * 2)
  let spread = 0
  for (let row = 0; row < count; row++) {
    for (const [axis, direction] of axes.entries()) {
      let along = 0
      for (let i = 0; i < size; i++) along += (vectors[row * size + i] - mean[i]) * direction[i]
      places[row * 2 + axis] = along
      spread += (along * along) / count
    }
  }
  const scale = spread > 0 ? 1 / Math.sqrt(spread) : 0
  return places.map((value) => value * scale)
}

/** The direction of most variance that is at right angles to those there are; a fixed start, so the same each time. */
function mainAxis(
  vectors: Float32Array,
  count: number,
  size: number,
  mean: Float64Array,
  others: readonly Float64Array[],
): Float64Array {
  let axis = Float64Array.from({ length: size }, (_, i) => Math.cos(1 + 3 * i + others.length))
  straighten(axis, others)
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(size)
    for (let row = 0; row < count; row++) {
      const start = row * size
      let along = 0
      for (let i = 0; i < size; i++) along += (vectors[start + i] - mean[i]) * axis[i]
      for (let i = 0; i < size; i++) next[i] += along * (vectors[start + i] - mean[i])
    }
    if (!straighten(next, others)) return axis
    axis = next
  }
  return axis
}

/** Takes out what lies along the others and makes the length 1, in place; false: nothing is left. */
function straighten(axis: Float64Array, others: readonly Float64Array[]): boolean {
  for (const other of others) {
    const along = axis.reduce((sum, value, i) => sum + value * other[i], 0)
    for (let i = 0; i < axis.length; i++) axis[i] -= along * other[i]
  }
  const length = Math.sqrt(axis.reduce((sum, value) => sum + value * value, 0))
  if (length < 1e-12) return false
  for (let i = 0; i < axis.length; i++) axis[i] /= length
  return true
}
