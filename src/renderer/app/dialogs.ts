import { keepCase } from '../features/new-scan/scan-draft.ts'
import { type DialogName, desk } from './desk.ts'
import { saveSetting } from './settings.ts'

/** What waits for the reader's name; null: nothing does. */
let afterReader: ((reader: string) => void) | null = null

/** null: closes the one that is open; what waited for a name is then not done. */
export function openDialog(dialog: DialogName | null): void {
  afterReader = null
  desk.set({ dialog })
}

/** The form for a case's first scan, or its next. */
export function openNewScan(caseId: number): void {
  keepCase(caseId)
  openDialog('new-scan')
}

/** Keeps the reader's name and goes on with what asked for it. */
export function setReader(name: string): void {
  saveSetting('reader', name)
  const work = afterReader
  desk.set({ reader: name })
  openDialog(null)
  work?.(name)
}

/** Labels carry a reader's name; the first one asks for it. */
export function withReader(work: (reader: string) => void): void {
  const { reader } = desk.get()
  if (reader !== '') {
    work(reader)
    return
  }
  openDialog('reader')
  afterReader = work
}
