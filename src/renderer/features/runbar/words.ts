import type { RunState, RunSummary } from '../../../shared/contract/runs.ts'

/** A state as a word and a sign; colour alone says nothing. */
export const STATE_WORDS: Readonly<Record<RunState, { readonly word: string; readonly sign: string }>> = {
  scanning: { word: 'scanning', sign: '●' },
  paused: { word: 'paused', sign: '‖' },
  finished: { word: 'finished', sign: '✓' },
  failed: { word: 'failed', sign: '!' },
  interrupted: { word: 'interrupted', sign: '!' },
}

const STOP_WORDS = {
  cells: 'cells reached',
  rule: 'rule met',
  region: 'nothing left to scan',
  user: 'by hand',
} as const

/** Why a finished run ended; null while it goes on. */
export const stopWords = (run: RunSummary): string | null => (run.stopped === null ? null : STOP_WORDS[run.stopped])

const PROFILE_WORDS: Readonly<Record<string, string>> = {
  normal: 'reference marrow',
  aml: 'AML with blasts',
  myeloma: 'myeloma',
  cll: 'CLL',
  eosinophilia: 'eosinophilia',
  needle: 'needle (one class at 0.1 %)',
}

/** Where the run's images come from, in a few words. */
export function rigWords(run: RunSummary): string {
  const { rig } = run
  if (rig.kind === 'folder') return `Folder ${rig.images}`
  if (rig.kind === 'microscope') return rig.rig.name
  const smear = `Simulated: ${PROFILE_WORDS[rig.profile] ?? rig.profile}, seed ${rig.seed}`
  return rig.stage === 'worn' ? `${smear}, worn stage` : smear
}

/** Whether a run's images are simulated, from a folder, or of a real camera. */
export function rigKind({ rig }: RunSummary): string {
  if (rig.kind === 'folder') return 'folder'
  return rig.kind === 'simulated' || rig.rig.camera.kind === 'simulated' ? 'simulated' : rig.rig.camera.kind
}

export const PROFILES = Object.entries(PROFILE_WORDS)
