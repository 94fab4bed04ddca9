import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Memory of images that may wait to be collected, bytes. */
const MAY_WAIT_BYTES = 64 * 1024 ** 2

/** The same for a thread that others share images with: what it holds on to is used again meanwhile, see `frameMemory`. */
export const HELD_BYTES = 128 * 1024 ** 2

/** So many collections to a thorough one. */
const THOROUGH_EVERY = 4

/** Of the heap that a collection left, what V8 may add before it collects by itself, percent: it would every few fields, for memory that goes with these. */
const HEAP_GROWS_PERCENT = 50

type Collect = (how?: { type: 'major'; execution: 'sync'; flavor: 'regular' | 'last-resort' }) => void

/**
 * Collects what images left behind in a thread. V8 goes by its own heap, which stays at some tens of megabytes however long a scan is, and
 * does not count the shared memory that images lie in, in none of the threads that look at one. So each
 * thread counts the images that pass through it and collects after so many bytes of them, a hundredth of a second each time. Every so often a collection is
 * repeated until it frees nothing more, and gives back what the heap's young part has grown by, some 70 MB; what that brings over a scan is in decision 30.
 */
export class ImageGarbage {
  readonly #collect: Collect
  readonly #mayWaitBytes: number
  #passedBytes = 0
  #collections = 0

  constructor(mayWaitBytes = MAY_WAIT_BYTES) {
    setFlagsFromString('--expose-gc')
    setFlagsFromString(`--heap-growing-percent=${HEAP_GROWS_PERCENT}`)
    this.#collect = runInNewContext('gc') as Collect
    this.#mayWaitBytes = mayWaitBytes
  }

  /**
   * An image of so many bytes is done with.
   * @param isWaitedFor somebody waits for this thread: unless twice as much waits to be collected, it is left for later.
   */
  passed(bytes: number, isWaitedFor = false): void {
    this.#passedBytes += bytes
    if (this.#passedBytes < (isWaitedFor ? 2 : 1) * this.#mayWaitBytes) return
    this.#passedBytes = 0
    this.#collections++
    const flavor = this.#collections % THOROUGH_EVERY === 0 ? 'last-resort' : 'regular'
    this.#collect({ type: 'major', execution: 'sync', flavor })
  }

  /** Somebody else has collected: what passed before does not wait any more. */
  wasCollected(): void {
    this.#passedBytes = 0
  }
}
