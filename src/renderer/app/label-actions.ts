import type { Cell } from '../../shared/contract/cells.ts'
import { type ClassCode, cellClass } from '../../shared/taxonomy.ts'
import { lists } from '../features/gallery/listing.ts'
import { counted } from '../ui/format.ts'
import { bench } from './bench.ts'
import { classOf, countByClass, withCells } from './cell-book.ts'
import { corrections, whileLabelling } from './corrections.ts'
import { desk, galleryListing } from './desk.ts'
import { withReader } from './dialogs.ts'
import { tellNotKept } from './not-kept.ts'
import { announce, showError, showProblem } from './notices.ts'
import { asShown, refreshDifferential } from './run-link.ts'
import { clearSelection, select } from './selection-actions.ts'
import { type Act, forgetFailedAct, rememberAct, returnAct, takeNewestAct } from './undo.ts'

/** As many as the contract takes in one call. */
const MOST_LABELS = 5000

/** Gives the selected cells a label: those selected now, wherever the selection is when the bench has time for it. */
export function relabelSelection(to: ClassCode): void {
  const { selection } = desk.get()
  if (selection.size > MOST_LABELS) {
    showProblem({
      message: `${selection.size} cells are selected; at most ${MOST_LABELS} take a label at once.`,
      remedy: 'Select fewer, class by class for instance.',
      code: 'invalid-input',
    })
  } else if (selection.size > 0) withReader((reader) => void relabel([...selection], to, reader))
  else if (desk.get().run) announce('Select a cell first: a letter labels it.')
}

async function relabel(cellIds: readonly number[], to: ClassCode, reader: string): Promise<void> {
  const { run } = desk.get()
  if (!run || !corrections.admit()) return
  const { runId } = run
  const act = rememberAct(runId, (name) => void undo(name, runId, cellIds, act))
  const work = async (): Promise<void> => {
    const { cells: book } = desk.get()
    const from = cellIds.map((id) => book.byId.get(id)).filter((cell) => cell !== undefined)
    const { cells } = await bench.cells.relabel({ cellIds: [...cellIds], class: to, reader })
    if (!(await takeLabels(cells, runId))) return
    announce(labelSentence(from, to))
  }
  const done = whileLabelling({ cellIds, to }, () =>
    corrections.ask('labelling', work, (error) => {
      forgetFailedAct(act)
      tellNotKept(runId, cellIds, error)
    }),
  )
  handOn(cellIds)
  await done
}

/**
 * Where the label takes the active cell out of the list, the next one is selected at once: before the bench has answered, so that the next key
 * is about a cell that the person has seen selected.
 */
function handOn(cellIds: readonly number[]): void {
  const state = desk.get()
  if (state.active === null || !cellIds.includes(state.active)) return
  const { ids } = galleryListing(state)
  const at = ids.indexOf(state.active)
  const stays = (id: number): boolean => {
    const cell = state.cells.byId.get(id)
    const to = state.onTheirWay.get(id)
    return cell === undefined || to == null || lists({ ...cell, class: to, unsure: false }, state)
  }
  if (at < 0 || stays(state.active)) return
  const next = ids.slice(at + 1).find(stays) ?? ids.slice(0, at).findLast(stays)
  if (next === undefined) clearSelection()
  else select(next)
}

/** Takes back what was done last in this window on this run: labels, or which fields count; without any, the newest label of each selected cell. */
export function undoNewest(): void {
  withReader((reader) => {
    const { run, selection } = desk.get()
    if (!run) return
    const act = takeNewestAct(run.runId)
    if (act) act.takeBack(reader)
    else void undo(reader, run.runId, [...selection], null)
  })
}

/** @param act what labelled the cells; null: whichever label each carries is taken back, of those that a person labelled. */
async function undo(reader: string, runId: number, asked: readonly number[], act: Act | null): Promise<void> {
  const cellIds = act ? asked : asked.filter((id) => desk.get().cells.byId.get(id)?.reader != null)
  if (cellIds.length === 0) return announce('Nothing to undo.')
  if (act) {
    // At once, not when the bench has answered: the next key is about them.
    select(cellIds[0])
    desk.set({ selection: new Set(cellIds) })
  }
  const work = async (): Promise<void> => {
    if (act?.failed) return announce('Nothing to undo: that label was not kept.')
    const { cells } = await bench.cells.undo({ cellIds: [...cellIds], reader })
    if (!(await takeLabels(cells, runId))) return
    revealActive(cellIds)
    const back = cells[0]?.class
    announce(
      cells.length === 1 && back
        ? `Undone: the cell is ${article(cellClass(back).name)} again.`
        : `Undone: ${counted(cells.length, 'cell')} took back the label before.`,
    )
  }
  await whileLabelling({ cellIds, to: null }, () =>
    corrections.ask('undoing', work, (error) => {
      if (act) returnAct(act)
      showError(error)
    }),
  )
}

/** A cell that is still looked at and whose class the gallery does not list. */
function revealActive(cellIds: readonly number[]): void {
  const { active } = desk.get()
  if (active === null || !cellIds.includes(active)) return
  if (!galleryListing(desk.get()).ids.includes(active)) desk.set({ filter: 'all' })
}

/** The labelled cells as the bench answered; false: another run is shown meanwhile, and nothing of it changes. */
async function takeLabels(answered: readonly Cell[], runId: number): Promise<boolean> {
  if (desk.get().run?.runId !== runId) return false
  const cells = await asShown(answered)
  if (desk.get().run?.runId !== runId) return false
  desk.set({ cells: withCells(desk.get().cells, cells) })
  void refreshDifferential(true)
  return true
}

/** What changed, in one sentence: the cells, from and to, and the two counts that moved. */
function labelSentence(from: readonly Cell[], to: ClassCode): string {
  const counts = countByClass(desk.get().cells, 'reviewed')
  const changed = from.filter((cell) => classOf(cell, 'reviewed') !== to)
  const target = `${cellClass(to).name} now ${counts.get(to) ?? 0}`
  if (changed.length === 0) return `${counted(from.length, 'cell')} confirmed as ${cellClass(to).name}.`
  const old = classOf(changed[0], 'reviewed')
  const name = old === null ? 'unclassified' : cellClass(old).name
  if (changed.length === 1) return `${name} → ${cellClass(to).name}. ${name} now ${counts.get(old) ?? 0}, ${target}.`
  return `${counted(changed.length, 'cell')} → ${cellClass(to).name}. ${target}.`
}

const article = (name: string): string => `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name.toLowerCase()}`
