import { z } from 'zod'

const share = z.number().min(0).max(1)

/** What can be measured of a field of view, whatever lies on it. Densities are natural logarithms; glass is what no stain lies on. */
export const fieldQuality = z.object({
  /**
   * Standard deviation of the Gaussian that would blur a step as the field's sharper edges are, micrometres, in the direction in
   * which they are sharpest. null: too few edges to tell (an empty field).
   */
  edgeWidthUm: z.number().nullable(),
  /** In the direction in which they are least sharp: much more where the image moved while it was exposed. */
  bluntestEdgeWidthUm: z.number().nullable(),
  /** Of the pixels, at the upper end of what the camera can tell, in any channel. */
  saturatedShare: share,
  /** Of the pixels, as good as black. */
  blackShare: share,
  /** Glass in the middle of the field, grey levels. */
  glass: z.object({ red: z.number(), green: z.number(), blue: z.number() }),
  /** By how much the light is weaker at its weakest place than at its strongest. */
  unevenness: share,
  /** Of the area, not glass: near 1 where cells lie on one another. */
  coveredShare: share,
  /** Of the area, nuclei: how cellular it is. */
  nuclearShare: share,
  /** Of what is stained and no nucleus (red cells, most of it): density of green, median. null: hardly anything is. */
  filmDensity: z.number().nullable(),
  /** How much more red than blue light nuclei take, median. null: hardly any nucleus. */
  nuclearDensity: z.number().nullable(),
})
export type FieldQuality = z.infer<typeof fieldQuality>

/**
 * Why a field does not count. focus: blurred all round. motion: blurred along one direction. overexposed, dark: too much or too little light.
 * empty: nothing lies on it. thick: hardly any glass between the cells. stain: other colours than the run's first fields. stitch: its
 * neighbours contradict the place it should have, so that nobody knows what it shows of the slide. repeated: its file is a copy of an
 * earlier field's. person: somebody said so.
 */
export const leftOutReason = z.enum([
  'focus',
  'motion',
  'overexposed',
  'dark',
  'empty',
  'thick',
  'stain',
  'stitch',
  'repeated',
  'person',
])
export type LeftOutReason = z.infer<typeof leftOutReason>

/** Why a field does not count, in a code, in words with the numbers they rest on. */
export const leftOut = z.object({
  reason: leftOutReason,
  words: z.string(),
  /** Who left it out; null: the gate did when the field was committed. */
  reader: z.string().nullable(),
})
export type LeftOut = z.infer<typeof leftOut>

/** How a field came to its focus where its first exposure was blurred. */
export const fieldFocus = z.object({
  /** Heights it was exposed at, the first one included. */
  planes: z.number().int().min(2),
  /** Put together of them, each place from where it is sharpest; false: the sharpest one as it is. */
  fused: z.boolean(),
})
export type FieldFocus = z.infer<typeof fieldFocus>

/**
 * Something of a run that a person should know: what changes in its course; slip: fields fit each other and not what was scanned before; misfit:
 * fields fit nothing, one after the other.
 */
export const runFlag = z.object({
  kind: z.enum(['light', 'light-colour', 'stain-nuclei', 'stain-film', 'slip', 'misfit']),
  /** Index of the field at which it was sure. */
  field: z.number().int(),
  words: z.string(),
})
export type RunFlag = z.infer<typeof runFlag>
/** What fields' places tell of a run. */
export type PlaceFlag = Extract<RunFlag['kind'], 'slip' | 'misfit'>
