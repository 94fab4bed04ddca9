import type { ScanArea, ScanOrder } from '../../../shared/contract/area.ts'
import { newCase } from '../../../shared/contract/cases.ts'
import type { StoredRig } from '../../../shared/contract/rigs.ts'
import { type StartRun, startRun } from '../../../shared/contract/runs.ts'
import { INITIAL_STOP, type StopForm, stopRequestOf } from '../stopping/stop-form.ts'

/** What the dialog's fields hold: text, as typed. */
export interface ScanForm extends StopForm {
  readonly kind: 'simulated' | 'folder' | 'microscope'
  /** Of the rig file; empty: the first there is. */
  readonly rigId: string
  /** In place, as it was calibrated; empty: the microscope has but one. */
  readonly objective: string
  readonly profile: string
  readonly seed: string
  readonly stage: 'good' | 'worn'
  readonly speed: string
  readonly images: string
  readonly pixelSizeUm: string
  /** Nobody knows it: it is estimated from the red cells. */
  readonly estimatePixelSize: boolean
  readonly watch: boolean
  /** Chosen on an overview; null: what the rig says. */
  readonly area: ScanArea | null
  readonly order: ScanOrder
  /** new: a case is made; else the id of one. */
  readonly caseId: string
  /** Empty: the case is numbered by the bench. */
  readonly accession: string
}

export const INITIAL_FORM: ScanForm = {
  ...INITIAL_STOP,
  kind: 'simulated',
  rigId: '',
  objective: '',
  profile: 'normal',
  seed: '1',
  stage: 'good',
  speed: '1',
  images: '',
  pixelSizeUm: '0.092',
  estimatePixelSize: false,
  watch: false,
  area: null,
  order: 'serpentine',
  caseId: 'new',
  accession: '',
}

export interface ScanRequest {
  readonly run: StartRun
  /** A case to make first; null: the run names one, or the bench makes one. */
  readonly newCase: ReturnType<typeof newCase.parse> | null
}

/** The rig file a form means; null: there is none. */
export const chosenRig = (form: ScanForm, rigs: readonly StoredRig[]): StoredRig | null =>
  rigs.find((each) => each.rigId === form.rigId) ?? rigs.find((each) => each.rig !== null) ?? null

function rigOf(form: ScanForm, rigs: readonly StoredRig[]): unknown {
  switch (form.kind) {
    case 'simulated':
      return {
        kind: 'simulated',
        profile: form.profile,
        seed: Number(form.seed),
        stage: form.stage,
        timeScale: Number(form.speed),
      }
    case 'folder':
      return {
        kind: 'folder',
        images: form.images.trim(),
        pixelSizeUm: form.estimatePixelSize ? 'auto' : Number(form.pixelSizeUm.replace(',', '.')),
        watch: form.watch,
      }
    case 'microscope':
      return { kind: 'microscope', rig: chosenRig(form, rigs)?.rig, objective: form.objective.trim() || null }
  }
}

/** An area belongs to the slide that it was chosen on: with another microscope or smear it is none. */
export function changed(form: ScanForm, patch: Partial<ScanForm>, rigs: readonly StoredRig[]): ScanForm {
  const next = { ...form, ...patch }
  const same = JSON.stringify(rigOf(form, rigs)) === JSON.stringify(rigOf(next, rigs))
  return same || 'area' in patch ? next : { ...next, area: null }
}

/** The request a form stands for, with the rig files there are, or what is wrong with it in one sentence. */
export function requestOf(
  form: ScanForm,
  rigs: readonly StoredRig[] = [],
): { readonly request: ScanRequest } | { readonly problem: string } {
  const rig = rigOf(form, rigs)
  const stop = stopRequestOf(form)
  if ('problem' in stop) return stop
  const run = startRun.safeParse({
    rig,
    ...stop.request,
    area: form.kind === 'folder' ? null : form.area,
    order: form.order,
    caseId: form.caseId === 'new' ? null : Number(form.caseId),
  })
  if (!run.success) return { problem: problemOf(run.error.issues[0]?.path.join('.') ?? '') }
  if (form.caseId !== 'new' || form.accession.trim() === '') return { request: { run: run.data, newCase: null } }
  const made = newCase.safeParse({ accession: form.accession })
  if (!made.success) return { problem: 'The case number has 1 to 64 characters.' }
  return { request: { run: run.data, newCase: made.data } }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  'rig.images': 'Name the folder that holds the images.',
  'rig.pixelSizeUm': 'The pixel size is a number of micrometres above 0, such as 0.092.',
  'rig.rig': 'Choose a microscope, or connect a new one first.',
  'rig.seed': 'The seed is a whole number from 0.',
}

const problemOf = (path: string): string => PROBLEMS[path] ?? 'Something in the form cannot be read.'
