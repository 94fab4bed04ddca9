import { startMedulla } from './medulla.ts'

export interface Served {
  readonly link: string
  readonly port: number
  readonly pid: number
  /** Ends the process as Ctrl-C does. */
  stop(): Promise<void>
}

/** Starts `medulla serve` as a process of its own, on a free port. */
export async function startServer(dataFolder: string): Promise<Served> {
  const running = startMedulla(['serve', '--port', '0', '--data', dataFolder])
  const answer = await new Promise<string>((resolve, reject) => {
    running.process.stdout?.on('data', resolve)
    running.ended.then(({ stderr }) => reject(new Error(`The server ended: ${stderr}`)), reject)
  })
  const { url, port } = JSON.parse(answer) as { url: string; port: number }
  return {
    link: url,
    port,
    pid: running.process.pid!,
    async stop() {
      running.process.kill('SIGINT')
      await running.ended
    },
  }
}
