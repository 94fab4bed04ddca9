import { type ClassCode, isClassCode } from '../../../shared/taxonomy.ts'
import { classOf } from '../../app/cell-book.ts'
import { desk } from '../../app/desk.ts'
import { announce } from '../../app/notices.ts'

/** The card of a class. */
export function openTrust(code: ClassCode): void {
  desk.set({ dialog: 'trust', trustClass: code })
}

/** The card of a model, NAME@VERSION; null: of the one in use. */
export function openModelCard(model: string | null): void {
  desk.set({ dialog: 'model-card', cardModel: model })
}

/** The card of the class that is looked at: the selected cell's, else the one the gallery lists. */
export function openTrustHere(): void {
  const { active, cells, view, filter } = desk.get()
  const cell = active === null ? undefined : cells.byId.get(active)
  const code = (cell ? classOf(cell, view) : null) ?? (isClassCode(filter) ? filter : null)
  if (code === null) announce('Select a cell or a class first.')
  else openTrust(code)
}
