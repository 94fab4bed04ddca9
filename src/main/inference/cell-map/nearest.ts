/** The `k` nearest of every vector, itself first where it is among them. */
export interface Nearest {
  readonly k: number
  /** rows x k, nearest first. */
  readonly index: Int32Array
  /** rows x k, squared Euclidean distances. */
  readonly squared: Float32Array
}

/** Values compared before it is asked whether a vector can still be near enough. */
const BLOCK = 16
/** Rows between two words of progress. */
const ROWS_A_WORD = 64

/**
 * Exact nearest neighbours among `count` vectors of `size` values, each its own nearest. Exact, because the approximate search that
 * comes with umap-js takes as long and is not as good (docs/decisions).
 *
 * @param onRow called now and then with the rows that are done.
 */
export function nearestAmong(
  vectors: Float32Array,
  count: number,
  size: number,
  k: number,
  onRow: (done: number) => void,
): Nearest {
  const found = empty(count, k)
  for (let a = 0; a < count; a++) {
    insert(found, a, a, 0)
    for (let b = a + 1; b < count; b++) {
      const limit = Math.max(farthest(found, a), farthest(found, b))
      const squared = distance(vectors, a * size, vectors, b * size, size, limit)
      if (squared >= limit) continue
      insert(found, a, b, squared)
      insert(found, b, a, squared)
    }
    if (a % ROWS_A_WORD === 0) onRow(a)
  }
  onRow(count)
  return found
}

/** The nearest of `others` for each of `count` vectors. */
export function nearestOf(
  vectors: Float32Array,
  count: number,
  others: Float32Array,
  otherCount: number,
  size: number,
  k: number,
  onRow: (done: number) => void,
): Nearest {
  const found = empty(count, k)
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < otherCount; b++) {
      const limit = farthest(found, a)
      const squared = distance(vectors, a * size, others, b * size, size, limit)
      if (squared < limit) insert(found, a, b, squared)
    }
    if (a % ROWS_A_WORD === 0) onRow(a)
  }
  onRow(count)
  return found
}

function empty(rows: number, k: number): Nearest {
  return { k, index: new Int32Array(rows * k).fill(-1), squared: new Float32Array(rows * k).fill(Infinity) }
}

const farthest = ({ k, squared }: Nearest, row: number): number => squared[row * k + k - 1]

/** Of equals the one found first stays nearer. */
function insert({ k, index, squared }: Nearest, row: number, neighbour: number, distance: number): void {
  const start = row * k
  if (distance >= squared[start + k - 1]) return
  let place = start + k - 1
  while (place > start && squared[place - 1] > distance) {
    squared[place] = squared[place - 1]
    index[place] = index[place - 1]
    place--
  }
  squared[place] = distance
  index[place] = neighbour
}

/** Squared; stops once it cannot be below `limit` any more. */
function distance(a: Float32Array, at: number, b: Float32Array, bt: number, size: number, limit: number): number {
  let sum = 0
  for (let start = 0; start < size; start += BLOCK) {
    const end = Math.min(size, start + BLOCK)
    let part = 0
    for (let i = start; i < end; i++) {
      const difference = a[at + i] - b[bt + i]
      part += difference * difference
    }
    sum += part
    if (sum >= limit) return sum
  }
  return sum
}
