import { readFileSync, renameSync, writeFileSync } from 'node:fs'

export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowState {
  /** null: wherever the platform puts it. */
  readonly bounds: Bounds | null
  readonly maximized: boolean
}

const UNKNOWN: WindowState = { bounds: null, maximized: false }
/** At least this much of the window must lie on a screen, or it could not be found and dragged. */
const VISIBLE_PX = 100

/** The window's place when it was last closed; the default where none is known, or where its screen is gone. */
export function readWindowState(file: string, screens: readonly Bounds[]): WindowState {
  try {
    const { bounds, maximized } = JSON.parse(readFileSync(file, 'utf8'))
    const isSane = [bounds.x, bounds.y, bounds.width, bounds.height].every(Number.isFinite)
    if (!isSane || !screens.some((screen) => isVisibleOn(bounds, screen))) return UNKNOWN
    return { bounds, maximized: maximized === true }
  } catch {
    // No file yet, or not ours: the window opens at its default place.
    return UNKNOWN
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}

function isVisibleOn(window: Bounds, screen: Bounds): boolean {
  const width = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  const height = Math.min(window.y + window.height, screen.y + screen.height) - Math.max(window.y, screen.y)
  return width >= VISIBLE_PX && height >= VISIBLE_PX
}
