import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ByteConnection, type ByteLine, type LineListener, LineUnavailable } from '../line/byte-line.ts'

/**
 * The controller's end of a pseudo-terminal whose other end looks like a serial port at `path`, made by socat. The port stays while
 * programs open and close it. Linux and macOS.
 */
export class PtyLine implements ByteLine {
  readonly name: string

  constructor(path: string) {
    this.name = path
  }

  async open(listener: LineListener): Promise<ByteConnection> {
    const socat = spawn('socat', ['STDIO', `PTY,rawer,link=${this.name}`], { stdio: ['pipe', 'pipe', 'ignore'] })
    const ended = new Promise<void>((resolve) => socat.once('close', () => resolve()))
    socat.stdin.on('error', () => undefined)
    try {
      await once(socat, 'spawn')
    } catch (cause) {
      throw new LineUnavailable('failed', 'socat could not be started', { cause })
    }
    const path = this.name
    while (!existsSync(path)) {
      if (socat.exitCode !== null) throw new LineUnavailable('failed', `socat could not make ${path}`)
      await sleep(5)
    }
    // A pseudo-terminal goes with the last program that has it open: this one keeps it.
    const kept = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
    let closed = false
    socat.stdout.on('data', (bytes: Buffer) => listener.data(bytes))
    void ended.then(() => {
      if (closed) return
      closeSync(kept)
      listener.lost('socat ended')
    })
    return {
      write: (bytes) => void socat.stdin.write(bytes),
      async close() {
        closed = true
        closeSync(kept)
        socat.kill()
        await ended
        rmSync(path, { force: true })
      },
    }
  }
}
