import type { ClassCode } from '../../../shared/taxonomy.ts'
import { CLASS_CODES } from '../../../shared/taxonomy.ts'
import type { Profile } from './world.ts'

type Weights = Partial<Record<ClassCode, number>>

/** Middle of the adult reference ranges (Univ. of Iowa handbook, test 315), erythroid 25 %, and what every smear has of artefacts. */
const REFERENCE: Weights = {
  BLA: 1,
  PMO: 4,
  MYB: 5,
  MMZ: 7,
  NGB: 13,
  NGS: 23,
  EOS: 3,
  BAS: 0.5,
  MON: 3,
  PEB: 2,
  EBO: 23,
  LYT: 13.5,
  LYI: 0.3,
  PLM: 0.7,
  OTH: 0.3,
  ART: 3,
  KSC: 1.2,
  NIF: 2,
} // prettier-ignore

const WEIGHTS: Record<Profile, Weights> = {
  normal: REFERENCE,
  aml: {
    ...REFERENCE,
    BLA: 46,
    PMO: 9,
    MYB: 3,
    MMZ: 3,
    NGB: 4,
    NGS: 7,
    EOS: 1.5,
    BAS: 0.5,
    MON: 6,
    FGC: 1.5,
    PEB: 1,
    EBO: 8,
    LYT: 7,
    ART: 3,
    KSC: 2.5,
    NIF: 3,
  }, // prettier-ignore
  myeloma: {
    ...REFERENCE,
    PLM: 36,
    BLA: 0.8,
    PMO: 2.5,
    MYB: 3.5,
    MMZ: 5,
    NGB: 8,
    NGS: 14,
    EOS: 2,
    EBO: 14,
    PEB: 1.2,
    LYT: 7,
    MON: 2,
  }, // prettier-ignore
  cll: {
    ...REFERENCE,
    LYT: 62,
    LYI: 2,
    HAC: 1.5,
    BLA: 0.5,
    PMO: 1.5,
    MYB: 2,
    MMZ: 2.5,
    NGB: 4,
    NGS: 8,
    EOS: 1,
    EBO: 9,
    PEB: 0.8,
    MON: 1,
    KSC: 5,
  }, // prettier-ignore
  eosinophilia: { ...REFERENCE, EOS: 24, ABE: 5, NGS: 17, NGB: 9, EBO: 17, LYT: 8, BAS: 2 },
  needle: { ...REFERENCE, BLA: 4 },
}

/** The needle profile's one rare class, as a share of all cells. */
export const NEEDLE_CLASS: ClassCode = 'FGC'
export const NEEDLE_SHARE = 0.001

/** Share of every class among what lies on the smear, debris of a cell's size included (as ART); sums to 1. */
export function classShares(profile: Profile): Record<ClassCode, number> {
  const weights = WEIGHTS[profile]
  const rare = profile === 'needle' ? NEEDLE_SHARE : 0
  const total = CLASS_CODES.reduce((sum, code) => sum + (weights[code] ?? 0), 0)
  const entries = CLASS_CODES.map((code) => [code, ((weights[code] ?? 0) / total) * (1 - rare)] as const)
  const shares = Object.fromEntries(entries) as Record<ClassCode, number>
  if (rare > 0) shares[NEEDLE_CLASS] = rare
  return shares
}
