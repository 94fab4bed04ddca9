import { basename, resolve } from 'node:path'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'

/** "Normal" is no word for a window: the profile is the reference marrow. */
const PROFILE_NAMES = {
  normal: 'reference',
  aml: 'AML',
  myeloma: 'myeloma',
  cll: 'CLL',
  eosinophilia: 'eosinophilia',
  needle: 'needle',
} as const

/** The accession of a case made for a run nobody gave one: what was scanned, made unique by a number. */
export function accessionFor(rig: RigSettings, taken: ReadonlySet<string>): string {
  const base = baseOf(rig)
  for (let n = 1; ; n++) {
    const accession = n === 1 ? base : `${base} (${n})`
    if (!taken.has(accession)) return accession
  }
}

function baseOf(rig: RigSettings): string {
  switch (rig.kind) {
    case 'simulated':
      return `SIM ${PROFILE_NAMES[rig.profile]} ${rig.seed}`
    case 'folder':
      return basename(resolve(rig.images)).slice(0, 50)
    case 'microscope':
      return rig.rig.name.slice(0, 50)
  }
}
