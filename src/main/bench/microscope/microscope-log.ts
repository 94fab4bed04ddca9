import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MicroscopeLine, microscopeLine } from '../../../shared/contract/microscope.ts'
import type { CameraNotice } from '../../microscope/camera/camera.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { StageNotice } from '../../microscope/stage/stage.ts'

/** Lines that the window shows. */
const SHOWN = 80
/** Lines that are kept on disk when a bench opens; while it is open more come to them. */
const KEPT = 5000

/**
 * What happened to the microscope: what was asked of it here, and what stage and camera tell of themselves. Kept in the data folder, one JSON object a
 * line, so that it can be looked at after a restart. It is no record to rely on: where the disk is full, lines are shown and not kept.
 */
export class MicroscopeLog {
  readonly #path: string
  #lines: MicroscopeLine[]
  /** Notices taken over so far. */
  #taken = new WeakSet<StageNotice | CameraNotice>()

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'microscope.log')
    this.#lines = readBack(this.#path).slice(-SHOWN)
  }

  say(kind: MicroscopeLine['kind'], message: string, at = new Date()): void {
    const line: MicroscopeLine = { at: at.toISOString(), kind, message }
    this.#lines = [...this.#lines, line].slice(-SHOWN)
    try {
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`)
    } catch {
      // See above.
    }
  }

  /** Takes over what is new. */
  hear({ driven, camera }: Pick<StageRig, 'driven' | 'camera'>): void {
    const news = [...(driven?.notices ?? []), ...camera.notices].filter((notice) => !this.#taken.has(notice))
    for (const notice of news.sort((a, b) => a.atMs - b.atMs)) {
      this.#taken.add(notice)
      this.say(notice.kind, notice.message, new Date(Date.now() - (performance.now() - notice.atMs)))
    }
  }

  get lines(): MicroscopeLine[] {
    return this.#lines
  }
}

/** The newest lines there are; a longer file is cut to them. A line that a power failure tore is left out. */
function readBack(path: string): MicroscopeLine[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  const written = text.split('\n')
  const lines = written.flatMap((each) => parsed(each) ?? [])
  if (lines.length > KEPT) cut(path, lines.slice(-KEPT))
  // What is said next must not become part of a torn line.
  else if (written.at(-1) !== '') cut(path, lines)
  return lines.slice(-KEPT)
}

function parsed(text: string): MicroscopeLine | null {
  try {
    return microscopeLine.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function cut(path: string, lines: readonly MicroscopeLine[]): void {
  try {
    writeFileSync(`${path}.unfinished`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    renameSync(`${path}.unfinished`, path)
  } catch {
    // It is cut the next time.
  }
}
