/** Below this a probability says no more than "not that": rounding would decide. */
const LEAST_PROBABILITY = 1e-4

/** Largest value of half precision: what is kept of a larger one is infinity. */
const LARGEST_HALF = 65504

/** Rows of length 1, in place: what a feature vector says is its direction. A row of zeros stays one. */
export function unitRows(vectors: Float32Array, size: number): Float32Array {
  for (let i = 0; i < vectors.length; i++) {
    if (!Number.isFinite(vectors[i])) vectors[i] = Math.sign(vectors[i]) * LARGEST_HALF || 0
  }
  for (let start = 0; start < vectors.length; start += size) {
    let squared = 0
    for (let i = start; i < start + size; i++) squared += vectors[i] * vectors[i]
    if (squared === 0) continue
    const scale = 1 / Math.sqrt(squared)
    for (let i = start; i < start + size; i++) vectors[i] *= scale
  }
  return vectors
}

/**
 * Logarithms of rows of probabilities, each row's mean taken out (the centred log-ratio, Aitchison 1982, J. R. Stat. Soc. B 44:139), in
 * place: distances between such rows mean the same near 0.01 as near 0.9.
 */
export function centredLogRows(probabilities: Float32Array, classes: number): Float32Array {
  for (let start = 0; start < probabilities.length; start += classes) {
    let mean = 0
    for (let i = start; i < start + classes; i++) {
      probabilities[i] = Math.log(Math.max(probabilities[i], LEAST_PROBABILITY))
      mean += probabilities[i] / classes
    }
    for (let i = start; i < start + classes; i++) probabilities[i] -= mean
  }
  return probabilities
}
