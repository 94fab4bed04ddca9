import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { type ByteConnection, type ByteLine, type LineListener, LineUnavailable } from '../line/byte-line.ts'

/**
 * The controller's end of a pseudo-terminal whose other end looks like a serial port at `path`. Made by socat, a new one at each
 * opening; it goes when whoever opened the port closes it. Linux and macOS.
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
    let closed = false
    const path = this.name
    socat.stdout.on('data', (bytes: Buffer) => listener.data(bytes))
    void ended.then(() => {
      if (!closed) listener.lost('the port was closed')
    })
    return {
      write: (bytes) => void socat.stdin.write(bytes),
      async close() {
        closed = true
        socat.kill()
        await ended
        rmSync(path, { force: true })
      },
    }
  }
}
