import type { ScanArea } from '../../../shared/contract/area.ts'
import { INITIAL_FORM, type ScanForm } from './scan-form.ts'

/** The form as it was when it last started a scan, and as it stands while a person chooses its area in another dialog. */
let last: ScanForm = INITIAL_FORM
let draft: ScanForm | null = null
let forCase: number | null = null

export const lastForm = (): ScanForm => last

export function keepLast(form: ScanForm): void {
  last = { ...form, area: null }
}

export function keepDraft(form: ScanForm): void {
  draft = form
}

/** Only once: the next form begins anew. */
export function takeDraft(): ScanForm | null {
  const kept = draft
  draft = null
  return kept
}

/** The next form is of this case. */
export function keepCase(caseId: number): void {
  forCase = caseId
}

/** Only once; new: of none. */
export function takeCase(): string {
  const kept = forCase
  forCase = null
  return kept === null ? 'new' : String(kept)
}

export function chooseArea(area: ScanArea): void {
  if (draft) draft = { ...draft, area }
}
