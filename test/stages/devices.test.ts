import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, startMedulla } from '../support/medulla.ts'
import { noPtys } from '../support/pty.ts'

const missing = noPtys()
if (missing) console.log(`Skipped: asking devices on pseudo-terminals. On this machine ${missing}.`)

it.skipIf(missing)(
  'devices names the controllers that answer, and says of the other ports why nobody did',
  async () => {
    const folder = temporaryFolder()
    const drivers = ['asi', 'zaber', 'grbl'] as const
    const simulators = drivers.map((driver) => ({
      driver,
      port: join(folder, driver),
      program: startMedulla(['simulate-stage', '--driver', driver, '--pty', join(folder, driver)]),
    }))
    try {
      for (const { port } of simulators) while (!existsSync(port)) await sleep(20)
      const nowhere = join(folder, 'nowhere')
      const ports = [...simulators.map(({ port }) => port), nowhere]
      const { json, exitCode, stderr } = await medulla(['devices', '--port', ...ports, '--data', join(folder, 'data')])
      expect(exitCode, stderr).toBe(0)
      const found = (json as { ports: { path: string; controller: { driver: string } | null; note: string | null }[] })
        .ports
      const at = (path: string) => found.find((port) => port.path === path)
      expect(at(simulators[0].port)?.controller).toMatchObject({
        driver: 'asi',
        identity: expect.stringContaining('MS-2000'),
      })
      expect(at(simulators[1].port)?.controller).toMatchObject({ driver: 'zaber' })
      // Asking it would cost its position.
      expect(at(simulators[2].port)).toMatchObject({
        controller: null,
        note: expect.stringContaining('were not asked'),
      })
      expect(at(nowhere)).toMatchObject({ controller: null, note: expect.stringContaining('no such port') })
    } finally {
      for (const { program } of simulators) {
        program.process.kill('SIGTERM')
        await program.ended
      }
    }
  },
)
