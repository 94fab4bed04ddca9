import type { FieldQuality, LeftOut } from '../contract/quality.ts'

/** What the gate compares a field with: see `RunStandard`. */
export interface QualityStandard {
  /** How wide edges are at best focus, micrometres; null: not known yet. */
  readonly sharpUm: number | null
  /** Blur that may come on top of that, as the standard deviation of a Gaussian, micrometres. */
  readonly mostBlurUm: number
  readonly filmDensity: number | null
  readonly nuclearDensity: number | null
}

export type Verdict = Omit<LeftOut, 'reader'>

/** Edges wider than this show nothing of a nucleus' chromatin, whatever the microscope. */
const BLUNTEST_UM = 0.45
/** What moved is blurred along its way only: so much wider than edges may be, and than the sharpest are. */
const MOVED_OVER_WIDEST = 1.08
const MOVED_OVER_SHARPEST = 1.15
/** Shares of the pixels. */
const MOST_AT_THE_END = 0.05
/** Grey levels: below it, noise and eight bits leave hardly any colour. */
const DARKEST_GLASS = 40
/** Shares of the area. */
const LEAST_COVERED = 0.01
const MOST_COVERED = 0.75
/** How many times denser or thinner than in the run's first fields. */
const MOST_OTHER_STAIN = 2

/**
 * Why a field does not count; null: it does. The worst is named first: of a dark field nobody can say whether it is sharp. Limits
 * are physical, or relative to the run's own first fields; none is set for a laboratory.
 */
export function judgeField(quality: FieldQuality, standard: QualityStandard): Verdict | null {
  for (const judge of [exposure, emptiness, sharpness, thickness, stain]) {
    const verdict = judge(quality, standard)
    if (verdict) return verdict
  }
  return null
}

/** The widest edges that pass, micrometres. */
export function widestEdgeUm({ sharpUm, mostBlurUm }: QualityStandard): number {
  return sharpUm === null ? BLUNTEST_UM : Math.min(BLUNTEST_UM, Math.hypot(sharpUm, mostBlurUm))
}

function exposure({ saturatedShare, blackShare, glass }: FieldQuality): Verdict | null {
  if (blackShare > MOST_AT_THE_END) return { reason: 'dark', words: `too dark: ${percent(blackShare)} of it is black` }
  if (saturatedShare > MOST_AT_THE_END)
    return {
      reason: 'overexposed',
      words: `overexposed: ${percent(saturatedShare)} of it is at the camera's upper end`,
    }
  if (glass.green < DARKEST_GLASS)
    return { reason: 'dark', words: `too dark: glass at ${Math.round(glass.green)} of 255` }
  return null
}

function emptiness({ coveredShare }: FieldQuality): Verdict | null {
  if (coveredShare >= LEAST_COVERED) return null
  return { reason: 'empty', words: `empty: ${percent(1 - coveredShare)} of it is glass` }
}

function sharpness({ edgeWidthUm, bluntestEdgeWidthUm }: FieldQuality, standard: QualityStandard): Verdict | null {
  if (edgeWidthUm === null || bluntestEdgeWidthUm === null)
    return { reason: 'focus', words: 'out of focus: no edge in it is sharp' }
  const widestUm = widestEdgeUm(standard)
  if (bluntestEdgeWidthUm > Math.max(MOVED_OVER_WIDEST * widestUm, MOVED_OVER_SHARPEST * edgeWidthUm)) {
    const [along, across] = [um(bluntestEdgeWidthUm), um(edgeWidthUm)]
    return { reason: 'motion', words: `moved while exposed: edges ${along} um wide one way, ${across} um another` }
  }
  if (edgeWidthUm <= widestUm) return null
  return { reason: 'focus', words: `out of focus: edges ${um(edgeWidthUm)} um wide, at most ${um(widestUm)} um here` }
}

function thickness({ coveredShare }: FieldQuality): Verdict | null {
  if (coveredShare <= MOST_COVERED) return null
  return { reason: 'thick', words: `too thick: only ${percent(1 - coveredShare)} of it is glass` }
}

function stain(quality: FieldQuality, standard: QualityStandard): Verdict | null {
  for (const [what, density, usual] of [
    ['red cells and film', quality.filmDensity, standard.filmDensity],
    ['nuclei', quality.nuclearDensity, standard.nuclearDensity],
  ] as const) {
    if (density === null || usual === null) continue
    if (density <= MOST_OTHER_STAIN * usual && usual <= MOST_OTHER_STAIN * density) continue
    const words = `stained otherwise: ${what} of density ${density.toFixed(2)}, ${usual.toFixed(2)} in the first fields`
    return { reason: 'stain', words }
  }
  return null
}

const percent = (share: number) => `${Math.round(100 * share)} %`
const um = (value: number) => value.toFixed(2)
