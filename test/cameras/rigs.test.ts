import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { readRigFile } from '../../src/main/cli/rig-file.ts'
import { captureAfter } from '../../src/main/microscope/camera/camera.ts'
import { openRigFile } from '../../src/main/microscope/rig-file.ts'
import { rigFile } from '../../src/shared/contract/rig.ts'
import { RESEARCH_USE_ONLY } from '../../src/shared/taxonomy.ts'
import { CODED, childrenNamed, FakeAravisCamera, noAravis, noFfmpeg } from '../support/camera-sources.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, ROOT, startMedulla } from '../support/medulla.ts'
import { noPtys } from '../support/pty.ts'
import { madeAtMs, timeCodedSource } from '../support/time-code.ts'

const RIGS = join(ROOT, 'docs/rigs')
const withoutFfmpeg = noFfmpeg()
const withoutPtys = noPtys() ?? withoutFfmpeg
const withoutAravis = noAravis()
if (withoutPtys) console.log(`Skipped: a stage with a real camera. On this machine ${withoutPtys}.`)
if (withoutAravis) console.log(`Skipped: devices with an Aravis camera. On this machine ${withoutAravis}.`)

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const SOURCE = timeCodedSource(CODED.widthPx, CODED.heightPx, CODED.framesPerS)
const CAMERA = { kind: 'ffmpeg', format: 'lavfi', source: SOURCE, ...CODED, paced: false }

it.each(readdirSync(RIGS))('the example %s is a rig file', async (name) => {
  const rig = await readRigFile(join(RIGS, name))
  expect(rig.name.length).toBeGreaterThan(3)
})

describe('a rig file', () => {
  const example = () => JSON.parse(readFileSync(join(RIGS, 'asi-uvc.json'), 'utf8'))

  it.each([
    ['a camera of no known kind', { kind: 'webcam' }, 'camera.kind'],
    ['a setting of another kind of camera', { ...CAMERA, pixelFormat: 'mono8' }, 'pixelFormat'],
    ['a misspelt setting', { ...CAMERA, widthPX: 5 }, 'widthPX'],
    ['no source', { ...CAMERA, source: undefined }, 'camera.source'],
    ['an input that is no name', { ...CAMERA, format: 'lavfi -y' }, 'camera.format'],
    ['a control that no camera of this kind has', { ...CAMERA, values: { exposureMs: -1 } }, 'camera.values'],
    ['a pixel size of nothing', { ...CAMERA, pixelSizeUm: 0 }, 'camera.pixelSizeUm'],
  ])('with %s is refused, and the place named', async (_what, camera, place) => {
    const path = join(temporaryFolder(), 'rig.json')
    writeFileSync(path, JSON.stringify({ ...example(), camera }))
    await expect(readRigFile(path)).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining(place),
    })
  })
})

describe.skipIf(withoutPtys)('a stage and a camera of its own', () => {
  async function rigOnPty(camera: object) {
    const port = join(temporaryFolder(), 'stage')
    const program = startMedulla(['simulate-stage', '--driver', 'asi', '--pty', port])
    cleanUps.push(async () => {
      program.process.kill('SIGTERM')
      await program.ended
    })
    while (!existsSync(port)) await sleep(20)
    const limits = { x: { minUm: 100, maxUm: 39_000 }, y: { minUm: 100, maxUm: 29_000 }, z: { minUm: 50, maxUm: 7900 } }
    return rigFile.parse({
      schema: 1,
      name: 'Simulated controller, camera through ffmpeg',
      stage: { driver: 'asi', port, settings: { limits, retractedZUm: 500, approachUm: { x: 5, y: 5, z: 4 } } },
      camera,
      area: { x: { minUm: 2000, maxUm: 4000 }, y: { minUm: 1000, maxUm: 3000 } },
      workingZUm: 1000,
    })
  }

  it('work together: the image belongs to the position', async () => {
    const rig = await openRigFile(await rigOnPty({ ...CAMERA, pixelSizeUm: 0.1 }))
    cleanUps.push(() => rig.close())
    expect(rig.world).toBeNull()
    expect(rig.area).toEqual({ origin: { x: 2000, y: 1000 }, width: 2000, height: 2000 })
    expect(rig.camera.pixelSizeUm).toBe(0.1)
    await rig.stage.moveTo({ zUm: 1000 })
    for (const xUm of [2000, 2100, 2200]) {
      await rig.stage.moveTo({ xUm, yUm: 1500 })
      const arrivedMs = performance.now()
      expect(madeAtMs(await captureAfter(rig.camera, arrivedMs))).toBeGreaterThanOrEqual(arrivedMs - 1.5)
    }
  })

  it('leave no camera open where there is no stage', async () => {
    const rig = await rigOnPty(CAMERA)
    const nowhere = { ...rig, stage: { ...rig.stage, port: join(temporaryFolder(), 'nowhere') } }
    await expect(openRigFile(nowhere)).rejects.toMatchObject({ code: 'device-failed' })
    if (process.platform === 'linux') expect(childrenNamed(SOURCE)).toEqual([])
  })
})

describe.skipIf(withoutFfmpeg)('the command line', () => {
  const options = [
    '--driver',
    'ffmpeg',
    '--format',
    'lavfi',
    '--source',
    'testsrc2=size=320x240:rate=30',
    '--size',
    '320x240',
  ]

  it('takes an image, which says what it is for', async () => {
    const out = join(temporaryFolder(), 'image.png')
    const { json, exitCode, stderr } = await medulla(['camera', 'capture', ...options, '--out', out])
    expect(exitCode, stderr).toBe(0)
    expect(json).toMatchObject({ path: out, widthPx: 320, heightPx: 240, researchUseOnly: RESEARCH_USE_ONLY })
    const { width, height, exif } = await sharp(out).metadata()
    expect([width, height]).toEqual([320, 240])
    expect(exif?.toString('latin1')).toContain(RESEARCH_USE_ONLY)
  })

  it('measures what arrives', async () => {
    const { json, exitCode, stderr } = await medulla(['camera', 'measure', ...options, '--seconds', '2'])
    expect(exitCode, stderr).toBe(0)
    const { received, captures, captureMs } = json as { received: number; captures: number; captureMs: { max: number } }
    expect(received).toBeGreaterThanOrEqual(captures)
    expect(captures).toBeGreaterThan(0)
    expect(captureMs.max).toBeGreaterThan(0)
  })

  it.each([
    [['--driver', 'ffmpeg', '--source', 'x'], '--size'],
    [['--rig', join(RIGS, 'emulated-asi.json')], 'simulated'],
    [[], '--rig'],
    [['--driver', 'ffmpeg', '--source', '/nowhere', '--size', '320x240'], '/nowhere'],
  ])('says what it lacks: %j', async (args, word) => {
    const { json, exitCode } = await medulla(['camera', 'measure', ...args])
    expect(exitCode).toBe(1)
    const { message, remedy } = (json as { error: { message: string; remedy: string } }).error
    expect(`${message} ${remedy}`).toContain(word)
  })

  it.skipIf(withoutAravis)('lists cameras without opening one', { timeout: 400_000 }, async () => {
    const source = await FakeAravisCamera.plug()
    cleanUps.push(() => source.remove())
    const { json, exitCode, stderr } = await medulla(['devices', '--data', temporaryFolder()])
    expect(exitCode, stderr).toBe(0)
    expect((json as { cameras: unknown[] }).cameras).toContainEqual({
      kind: 'aravis',
      format: null,
      source: 'Aravis-Fake-GV01',
      name: 'Aravis-Fake-GV01 at 127.0.0.1',
    })
  })
})
