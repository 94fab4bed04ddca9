import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ProcessClock } from '../../src/main/microscope/clock.ts'
import { ControllerStage } from '../../src/main/microscope/stage/controller-stage.ts'
import { createProtocol } from '../../src/main/microscope/stage/drivers/index.ts'
import { FirmwarePort } from '../../src/main/microscope/stage/firmware/firmware-port.ts'
import { createFirmware, SIMULATED_OPTIONS } from '../../src/main/microscope/stage/firmware/index.ts'
import { SerialLine } from '../../src/main/microscope/stage/line/serial-line.ts'
import type { StageDriver } from '../../src/shared/contract/rig.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { startMedulla } from '../support/medulla.ts'
import { noPtys, PtyCable } from '../support/pty.ts'
import { BENCH_SETTINGS } from '../support/stage-bench.ts'

const missing = noPtys()
if (missing) console.log(`Skipped: stages over pseudo-terminals. On this machine ${missing}.`)

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function open(driver: StageDriver) {
  const folder = temporaryFolder()
  const [port, far] = [join(folder, 'stage'), join(folder, 'controller')]
  const cable = new PtyCable(port, far)
  await cable.plug()
  cleanUps.push(() => cable.unplug())
  const clock = new ProcessClock()
  const firmware = createFirmware(driver, clock)
  const controller = new FirmwarePort(firmware, new SerialLine(far, { baud: firmware.baud }), clock)
  cleanUps.push(() => controller.close())
  const line = () => new SerialLine(port, { baud: firmware.baud })
  const stage = await ControllerStage.open(
    line(),
    createProtocol(driver, SIMULATED_OPTIONS[driver]),
    BENCH_SETTINGS,
    clock,
  )
  cleanUps.push(() => stage.close())
  if (stage.state === 'unreferenced') await stage.home()
  return { stage, cable, firmware, line, clock }
}

describe.skipIf(missing).each(['asi', 'tango', 'zaber', 'prior', 'ludl', 'grbl'] as const)(
  '%s over a pseudo-terminal',
  (driver) => {
    it('moves, halts, and knows where it is', async () => {
      const { stage, firmware, clock } = await open(driver)
      expect(await stage.moveTo({ xUm: 1000, yUm: 500, zUm: 100 })).toEqual({ xUm: 1000, yUm: 500, zUm: 100 })
      const move = stage.moveTo({ xUm: 20_000 })
      const broken = expect(move).rejects.toMatchObject({ name: 'AbortError' })
      while (firmware.mechanics.placeAt(clock.nowMs()).x < 1500) await sleep(5)
      await stage.halt()
      await broken
      const position = await stage.position()
      expect(position.xUm).toBeGreaterThan(1000)
      expect(position.xUm).toBeLessThan(20_000)
      expect(Math.abs(firmware.mechanics.placeAt(clock.nowMs()).x - position.xUm)).toBeLessThan(1.1)
    })

    it.skipIf(driver === 'grbl')('goes on with its move when the cable is pulled and plugged in again', async () => {
      const { stage, cable } = await open(driver)
      await stage.moveTo({ xUm: 1000, yUm: 500, zUm: 100 })
      const move = stage.moveTo({ xUm: 9000, yUm: 700 })
      await sleep(200)
      await cable.unplug()
      await sleep(500)
      await cable.plug()
      expect(await move).toEqual({ xUm: 9000, yUm: 700, zUm: 100 })
      expect(stage.notices.map(({ kind }) => kind)).toEqual(['disconnected', 'reconnected'])
    })
  },
)

describe.skipIf(missing)('a port', () => {
  it('that another program has is said to be taken', async () => {
    const { line, clock } = await open('asi')
    await expect(ControllerStage.open(line(), createProtocol('asi', {}), BENCH_SETTINGS, clock)).rejects.toMatchObject({
      code: 'device-taken',
      detail: { remedy: expect.stringContaining('Close the other program'), motionPossible: false },
    })
  })

  it('that does not exist is said to be lost', async () => {
    const line = new SerialLine('/dev/medulla-no-such-port', { baud: 9600 })
    await expect(
      ControllerStage.open(line, createProtocol('asi', {}), BENCH_SETTINGS, new ProcessClock()),
    ).rejects.toMatchObject({ code: 'device-failed' })
  })

  it('that nobody answers on is said to be silent', async () => {
    const folder = temporaryFolder()
    const cable = new PtyCable(join(folder, 'a'), join(folder, 'b'))
    await cable.plug()
    cleanUps.push(() => cable.unplug())
    const line = new SerialLine(join(folder, 'a'), { baud: 9600 })
    await expect(
      ControllerStage.open(line, createProtocol('prior', {}), BENCH_SETTINGS, new ProcessClock()),
    ).rejects.toMatchObject({ code: 'device-failed', message: expect.stringContaining('does not answer') })
  })

  it('of the simulator that runs as a program answers like the one in this process', async () => {
    const port = join(temporaryFolder(), 'stage')
    const program = startMedulla(['simulate-stage', '--driver', 'zaber', '--pty', port, '--time-scale', '10'])
    cleanUps.push(async () => {
      program.process.kill('SIGTERM')
      await program.ended
    })
    while (!existsSync(port)) await sleep(20)
    const stage = await ControllerStage.open(
      new SerialLine(port, { baud: 115200 }),
      createProtocol('zaber', SIMULATED_OPTIONS.zaber),
      BENCH_SETTINGS,
      new ProcessClock(),
    )
    await stage.home()
    expect(await stage.moveTo({ xUm: 2000, yUm: 300, zUm: 200 })).toEqual({ xUm: 2000, yUm: 300, zUm: 200 })
    await stage.close()
  })
})
