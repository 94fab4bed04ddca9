import { CropScenes } from '../src/main/microscope/simulator/crop-scenes.ts'
import type { RgbImage } from '../src/shared/image.ts'
import { CLASS_CODES, type ClassCode } from '../src/shared/taxonomy.ts'

/** As the crops that models are trained on are drawn. */
const SIZE_PX = 160
export const DRAWN_PIXEL_SIZE_UM = 0.144

/** So many crops of each class, in turn. The seed has to be one that no training set was drawn with. */
export function drawnCrops(seed: number, perClass: number): { readonly code: ClassCode; readonly image: RgbImage }[] {
  const scenes = new CropScenes(seed)
  return Array.from({ length: perClass }, (_, number) => [
    ...scenes.slide(number, [...CLASS_CODES], SIZE_PX, DRAWN_PIXEL_SIZE_UM),
  ]).flat()
}
