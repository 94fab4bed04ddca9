import { rgbMemory } from '../shared/image.ts'
import { ImageGarbage } from './image-garbage.ts'

/** What is smaller, as a picture of one cell, is had anew just as soon. */
const LEAST_BYTES = 1024 ** 2

/** Of frames that nobody looks at any more, kept for those to come, bytes at most. */
const KEPT_BYTES = 256 * 1024 ** 2
/** What none of them has needed for so long is let go: it was there for a moment when many were needed at once. */
const KEPT_MS = 20_000

/** Of frames given away what may wait to be collected, bytes. A scan collects sooner, at moments when nobody waits for it. */
const MAY_WAIT_BYTES = 320 * 1024 ** 2

let garbage: ImageGarbage | null = null
/** The longest first. */
const kept: SharedArrayBuffer[] = []
let keptBytes = 0
/** The fewest that were kept since it was last seen to. */
let fewestKept = 0
let isSeenTo = false

const unused = new FinalizationRegistry<SharedArrayBuffer>((memory) => {
  garbage?.wasCollected()
  kept.push(memory)
  keptBytes += memory.byteLength
  while (keptBytes > KEPT_BYTES) take(0)
  if (!isSeenTo) seeTo()
})

/**
 * Memory for a frame's pixels, height x width x 3, RGB, which threads share. It is used again and again, since new memory of that size took a
 * hundredth of a second to be touched first, and holds what is left of an earlier frame: to be written whole. It comes back once this thread has let go of
 * every view of it and collected (`ImageGarbage`), at the latest when many more have been given away. So who has another thread look at it or write to it
 * keeps it until that thread has answered.
 *
 * A row to spare lies behind the pixels, see `rgbMemory`.
 */
export function frameMemory(widthPx: number, heightPx: number): Uint8Array {
  const bytes = 3 * widthPx * (heightPx + 1)
  if (bytes < LEAST_BYTES) return rgbMemory(widthPx, heightPx)
  garbage ??= new ImageGarbage(MAY_WAIT_BYTES)
  garbage.passed(bytes)
  const memory = takeKept(bytes) ?? new SharedArrayBuffer(bytes)
  // Another handle of the same memory is given away: when it is collected, this one is still there.
  const handle = structuredClone(memory)
  unused.register(handle, memory)
  return new Uint8Array(handle, 0, 3 * widthPx * heightPx)
}

/** The one that was kept last: of more than are needed, the first ones stay. */
function takeKept(bytes: number): SharedArrayBuffer | null {
  const at = kept.findLastIndex(({ byteLength }) => byteLength === bytes)
  return at < 0 ? null : take(at)
}

function take(at: number): SharedArrayBuffer {
  const [memory] = kept.splice(at, 1)
  keptBytes -= memory.byteLength
  fewestKept = Math.min(fewestKept, kept.length)
  return memory
}

/** Lets go of what was not needed since the last time. */
function seeTo(): void {
  for (let unneeded = fewestKept; unneeded > 0; unneeded--) take(0)
  fewestKept = kept.length
  isSeenTo = kept.length > 0
  if (isSeenTo) setTimeout(seeTo, KEPT_MS).unref()
}
