import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Why there can be no pseudo-terminals; null where there can. */
export function noPtys(): string | null {
  if (process.platform === 'win32') return 'pseudo-terminals are for Linux and macOS'
  return spawnSync('socat', ['-V']).error ? 'there is no socat' : null
}

/** A cable between two ports that look like serial ports: it can be pulled and plugged in again. */
export class PtyCable {
  readonly #ends: readonly [string, string]
  #socat: ChildProcess | null = null

  constructor(end: string, otherEnd: string) {
    this.#ends = [end, otherEnd]
  }

  async plug(): Promise<void> {
    const socat = spawn(
      'socat',
      this.#ends.map((path) => `PTY,rawer,link=${path}`),
      { stdio: 'ignore' },
    )
    await once(socat, 'spawn')
    this.#socat = socat
    while (!this.#ends.every((path) => existsSync(path))) await sleep(5)
  }

  async unplug(): Promise<void> {
    const socat = this.#socat
    this.#socat = null
    if (!socat || socat.exitCode !== null) return
    socat.kill()
    await once(socat, 'close')
  }
}
