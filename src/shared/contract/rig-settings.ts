import { z } from 'zod'
import { pixelSizeChoice } from './pixel-size.ts'
import { objectiveName, rigFile } from './rig.ts'

export const simulatedRig = z.object({
  kind: z.literal('simulated'),
  profile: z.enum(['normal', 'aml', 'myeloma', 'cll', 'eosinophilia', 'needle']).default('normal'),
  seed: z.number().int().min(0).default(1),
  /** 1: motion and exposure take real time; 10: a tenth of it. */
  timeScale: z.number().positive().max(1000).default(1),
  /**
   * null: a microscope that knows its camera. A number: one put together at random by that seed (camera turned, mirrored, skewed; backlash;
   * an uneven lamp), of which nothing is known but what is calibrated.
   */
  mount: z.number().int().min(0).nullable().default(null),
  /** good: what it reads back is right to 0.4 um. worn: 3 um of backlash, and off by 5 um rms in x and in y, which it does not know. */
  stage: z.enum(['good', 'worn']).default('good'),
  objective: objectiveName.nullable().default(null),
})

export const folderRig = z.object({
  kind: z.literal('folder'),
  /** Folder with one image a field of view (JPEG, PNG, TIFF). */
  images: z.string().min(1),
  /** Micrometres a pixel; auto: estimated from the images that are there when the run starts, and kept. What it was: `slide.info`. */
  pixelSizeUm: pixelSizeChoice,
  /** Keep waiting for new files until stopped; false: ends once no file is left. */
  watch: z.boolean().default(false),
})

/** A microscope as its rig file describes it. The description is kept with the run, so that it resumes with the same one. */
export const microscopeRig = z.object({
  kind: z.literal('microscope'),
  rig: rigFile,
  /** null: it has but one, or nobody said which. */
  objective: objectiveName.nullable().default(null),
})

export const rigSettings = z.discriminatedUnion('kind', [simulatedRig, folderRig, microscopeRig])
export type RigSettings = z.infer<typeof rigSettings>
