import type { Classifier } from './classifier.ts'
import { invalidModel, type ModelPackage } from './package.ts'
import { largestDifference } from './tensors.ts'

/** Graphics processors round otherwise, some to half precision: as far as this their answers may lie from the stated ones. */
export const OTHER_PROCESSOR_TOLERANCE = 0.01

/**
 * Asks a model for the first crops of its test vector, at most so many, or for made-up ones where it has none.
 * @returns the largest difference of a probability to the one stated; null where none is.
 * Rejects `model-invalid` where that is more than the package allows, or what it gives is no answer at all.
 */
export async function tryOut(model: ModelPackage, classifier: Classifier, most: number): Promise<number | null> {
  const { sizePx } = model.manifest.input
  if (!model.testVector) {
    await classifier.classify(madeUpCrops(sizePx), 2)
    return null
  }
  const { crops, probabilities } = model.testVector
  const tolerance =
    classifier.provider === 'cpu'
      ? model.testVector.tolerance
      : Math.max(model.testVector.tolerance, OTHER_PROCESSOR_TOLERANCE)
  const n = Math.min(most, model.testVector.n)
  const given = await classifier.classify(crops.subarray(0, n * sizePx * sizePx * 3), n)
  const off = largestDifference(given.probabilities, probabilities.subarray(0, n * classifier.classes.length))
  if (off <= tolerance) return off
  const what = `its graph answers its own test crops otherwise than its manifest says (off by ${off.toFixed(4)}, at most ${tolerance})`
  throw invalidModel(model.folder, what)
}

/** Two made-up crops: a dark disc on a bright ground, and a ramp through all values. */
export function madeUpCrops(sizePx: number): Uint8Array {
  const plane = sizePx * sizePx
  const crops = new Uint8Array(2 * plane * 3)
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      const at = (y * sizePx + x) * 3
      const inside = Math.hypot(x - sizePx / 2, y - sizePx / 2) < sizePx / 4
      crops.set(inside ? [90, 60, 140] : [230, 225, 220], at)
      crops.fill((x * 7 + y * 3) & 255, plane * 3 + at, plane * 3 + at + 3)
    }
  }
  return crops
}
