import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Where packages lie on their way into the store and out of it. */
const UNFINISHED = '.unfinished'

/** A new folder in the store for what is not finished, on the same disk; those that vanished processes left are cleared away. */
export async function openRoom(store: string): Promise<string> {
  const all = join(store, UNFINISHED)
  await mkdir(all, { recursive: true })
  for (const room of await readdir(all)) {
    if (!isRunning(Number.parseInt(room, 10))) await rm(join(all, room), { recursive: true, force: true })
  }
  const room = join(all, `${process.pid}-${randomBytes(4).toString('hex')}`)
  await mkdir(room)
  return room
}

export async function closeRoom(room: string): Promise<void> {
  await rm(room, { recursive: true, force: true })
  // Only where nobody else is at work there.
  await rmdir(join(room, '..')).catch(() => undefined)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
