import type { ClassCode } from '../taxonomy.ts'

export interface ReferenceFigures {
  /** Images of the class in the database. */
  readonly images: number
  readonly precision: number
  readonly recall: number
  readonly tolerantPrecision: number
  readonly tolerantRecall: number
}

const row = (images: number, precision: number, recall: number, tolerantPrecision: number, tolerantRecall: number) => ({
  images,
  precision,
  recall,
  tolerantPrecision,
  tolerantRecall,
})

/**
 * The reference network (ResNeXt-50, 5-fold cross-validation, mean), Matek et al. 2021, Blood 138:1917,
 * doi 10.1182/blood.2020010568, Table 1. Its splits are by image: cells of one patient may be on both sides.
 */
export const REFERENCE_MODEL: Readonly<Record<ClassCode, ReferenceFigures>> = {
  NGS: row(29424, 0.92, 0.71, 0.95, 0.85),
  EBO: row(27395, 0.88, 0.82, 0.9, 0.83),
  LYT: row(26242, 0.9, 0.7, 0.9, 0.72),
  ART: row(19630, 0.82, 0.74, 0.82, 0.74),
  PMO: row(11994, 0.76, 0.72, 0.91, 0.89),
  BLA: row(11973, 0.75, 0.65, 0.79, 0.69),
  NGB: row(9968, 0.54, 0.65, 0.91, 0.91),
  PLM: row(7629, 0.81, 0.84, 0.81, 0.84),
  MYB: row(6557, 0.52, 0.59, 0.78, 0.91),
  EOS: row(5883, 0.85, 0.91, 0.85, 0.91),
  MON: row(4040, 0.57, 0.7, 0.57, 0.7),
  NIF: row(3538, 0.27, 0.63, 0.27, 0.63),
  MMZ: row(3055, 0.3, 0.64, 0.68, 0.87),
  PEB: row(2740, 0.57, 0.63, 0.69, 0.85),
  BAS: row(441, 0.14, 0.64, 0.14, 0.64),
  HAC: row(409, 0.35, 0.8, 0.8, 0.88),
  OTH: row(294, 0.22, 0.84, 0.22, 0.84),
  LYI: row(65, 0.08, 0.53, 0.35, 0.57),
  FGC: row(47, 0.17, 0.63, 0.17, 0.63),
  KSC: row(42, 0.28, 0.9, 0.28, 0.9),
  ABE: row(8, 0.02, 0.2, 0.02, 0.2),
}
