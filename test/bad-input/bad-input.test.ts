import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import Database from 'better-sqlite3'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { type CommandResult, medulla, ROOT, type RunningCommand, startMedulla } from '../support/medulla.ts'

const MODEL = path.join(ROOT, 'test/fixtures/models/colour')
const SHORT_SCAN = ['--rig', 'simulated', '--cells', '20', '--time-scale', '50', '--model', MODEL]

/** A field of view with a few purple discs that pass for cells, 0.2 micrometres a pixel. */
async function drawField(file: string): Promise<void> {
  const discs = [120, 320, 520].map((x) => `<circle cx="${x}" cy="200" r="35" fill="#5b2a86"/>`).join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#f0e6ea"/>${discs}</svg>`
  await sharp(Buffer.from(svg)).jpeg({ quality: 92 }).toFile(file)
}

/** A clear error: its code, what it means and what to do, on standard output alone, and the exit status that goes with it. */
function expectError(result: CommandResult, code: string, exitCode = 1): void {
  expect(result.json, result.stderr).toMatchObject({ error: { code } })
  const { error } = result.json as { error: { message: string; remedy: string } }
  expect(error.message.length).toBeGreaterThan(10)
  expect(error.remedy.length).toBeGreaterThan(10)
  expect(`${error.message}${error.remedy}`).not.toMatch(/undefined|\[object|NaN \./)
  expect(result.exitCode).toBe(exitCode)
}

async function expectSound(dataFolder: string): Promise<void> {
  const { json, exitCode, stderr } = await medulla(['check', '--data', dataFolder])
  expect(json, stderr).toMatchObject({ sound: true })
  expect(exitCode).toBe(0)
}

describe('images', () => {
  const data = temporaryFolder()
  const images = temporaryFolder()
  const corrupt = temporaryFolder()
  beforeAll(async () => {
    await drawField(path.join(images, 'a.jpg'))
    await drawField(path.join(corrupt, 'a.jpg'))
    await drawField(path.join(corrupt, 'b.jpg'))
    truncateSync(path.join(corrupt, 'b.jpg'), 3000)
  })
  const scan = (folder: string, pixelSize = '0.2') =>
    medulla([
      'scan',
      '--rig',
      'folder',
      '--images',
      folder,
      '--pixel-size',
      pixelSize,
      '--data',
      data,
      '--model',
      MODEL,
    ])

  test('a folder that is missing', async () => {
    expectError(await scan(path.join(images, 'nowhere')), 'images-missing')
  })

  test('a folder without an image', async () => {
    expectError(await scan(temporaryFolder()), 'images-missing')
  })

  test('a folder that is a file', async () => {
    const file = path.join(temporaryFolder(), 'notes.txt')
    writeFileSync(file, 'no image')
    const result = await scan(file)
    expect((result.json as { error: { code: string } }).error.code).toMatch(/^image(s-missing|-unreadable)$/)
    expect(result.exitCode).toBe(1)
  })

  test.each(['0', '-1', 'NaN', ''])('pixel size %j', async (pixelSize) => {
    expectError(await scan(images, pixelSize), 'invalid-input')
  })

  test('a pixel size no cell could have', async () => {
    expectError(await scan(images, '50'), 'pixel-size-implausible')
    expectError(await medulla(['detect', images, '--pixel-size', '50', '--data', data]), 'pixel-size-implausible')
  })

  test('no pixel size', async () => {
    expectError(await medulla(['scan', '--rig', 'folder', '--images', images, '--data', data]), 'invalid-input')
    expectError(await medulla(['detect', images, '--data', data]), 'invalid-input')
  })

  test('a truncated image, to detect', async () => {
    const file = path.join(corrupt, 'b.jpg')
    expectError(await medulla(['detect', file, '--pixel-size', '0.2', '--data', data]), 'image-unreadable')
  })

  test('a truncated image among good ones: the run stops there, and goes on once the file is mended', async () => {
    const own = temporaryFolder()
    const args = ['--data', own, '--model', MODEL]
    const parameters = ['--rig', 'folder', '--images', corrupt, '--pixel-size', '0.2']
    const stopped = await medulla(['scan', ...parameters, ...args])
    expectError(stopped, 'image-unreadable')
    const { runId, error } = stopped.json as { runId: number; error: { remedy: string; message: string } }
    expect(error.message).toContain('b.jpg')
    expect(error.remedy).toContain(`resume ${runId}`)
    await expectSound(own)
    await drawField(path.join(corrupt, 'b.jpg'))
    const resumed = await medulla(['resume', String(runId), ...args])
    expect(resumed.json, resumed.stderr).toMatchObject({ runId, fields: 2, stopped: 'region' })
    expect(resumed.exitCode).toBe(0)
  })

  test('nothing of all that left a mark', async () => {
    await expectSound(data)
  })
})

describe('model', () => {
  const data = temporaryFolder()
  const image = path.join(temporaryFolder(), 'cell.jpg')
  beforeAll(() => drawField(image))
  const classify = (model: string) =>
    medulla(['classify', image, '--pixel-size', '0.2', '--data', data, '--model', model])

  function brokenCopy(breakIt: (folder: string) => void): string {
    const folder = path.join(temporaryFolder(), 'model')
    cpSync(MODEL, folder, { recursive: true })
    breakIt(folder)
    return folder
  }
  const editManifest = (change: (manifest: Record<string, unknown>) => void) =>
    brokenCopy((folder) => {
      const file = path.join(folder, 'manifest.json')
      const manifest = JSON.parse(readFileSync(file, 'utf8'))
      change(manifest)
      writeFileSync(file, JSON.stringify(manifest))
    })

  test('a sound one works', async () => {
    const { json, exitCode, stderr } = await classify(MODEL)
    expect(exitCode, stderr).toBe(0)
    expect(json).toMatchObject({ images: [{ image }] })
  })

  test('a folder that is missing', async () => {
    expectError(await classify(path.join(MODEL, 'nowhere')), 'model-missing')
  })

  test('a truncated file', async () => {
    expectError(
      await classify(brokenCopy((folder) => truncateSync(path.join(folder, 'model.onnx'), 100))),
      'model-invalid',
    )
  })

  test('classes nobody knows', async () => {
    const model = editManifest((manifest) => {
      manifest.classes = ['EOS', 'LYT', 'CAT']
    })
    expectError(await classify(model), 'model-invalid')
  })

  test('other classes than the model has', async () => {
    const model = editManifest((manifest) => {
      manifest.classes = ['EOS', 'LYT', 'NGS', 'BLA']
    })
    expectError(await classify(model), 'model-invalid')
  })

  test('a manifest that is no JSON', async () => {
    expectError(
      await classify(brokenCopy((folder) => writeFileSync(path.join(folder, 'manifest.json'), '{'))),
      'model-invalid',
    )
  })

  test('a scan with a broken model does not begin', async () => {
    const model = brokenCopy((folder) => truncateSync(path.join(folder, 'model.onnx'), 100))
    expectError(await medulla(['scan', ...SHORT_SCAN.slice(0, -1), model, '--data', data]), 'model-invalid')
    expect((await medulla(['cases', '--data', data])).json).toMatchObject({ cases: [] })
  })

  test('doctor names it', async () => {
    const { json, exitCode } = await medulla(['doctor', '--data', data, '--model', path.join(MODEL, 'nowhere')])
    expect(exitCode).toBe(1)
    const { findings } = json as { findings: { subject: string; status: string; remedy: string }[] }
    expect(findings.find((finding) => finding.subject === 'model')).toMatchObject({ status: 'problem' })
  })
})

describe('casebook', () => {
  test('of a newer version: left as it is', async () => {
    const data = temporaryFolder()
    expect((await medulla(['cases', '--data', data])).exitCode).toBe(0)
    const file = path.join(data, 'casebook.sqlite')
    const setVersion = (version: number) => {
      const database = new Database(file)
      const before = database.pragma('user_version', { simple: true }) as number
      database.pragma(`user_version = ${version}`)
      database.close()
      return before
    }
    const version = setVersion(9999)
    for (const command of ['cases', 'check']) expectError(await medulla([command, '--data', data]), 'casebook-newer')
    expectError(await medulla(['scan', ...SHORT_SCAN, '--data', data]), 'casebook-newer')
    const doctor = await medulla(['doctor', '--data', data])
    expect(doctor.json).toMatchObject({ healthy: false })
    expect(doctor.exitCode).toBe(1)
    expect(setVersion(version)).toBe(9999)
    await expectSound(data)
  })

  test('locked by another program: nothing is lost, and it works once the lock is gone', async () => {
    const data = temporaryFolder()
    expect((await medulla(['cases', '--data', data])).exitCode).toBe(0)
    const database = new Database(path.join(data, 'casebook.sqlite'))
    database.exec('BEGIN EXCLUSIVE')
    expectError(await medulla(['scan', ...SHORT_SCAN, '--data', data]), 'casebook-locked')
    database.exec('ROLLBACK')
    database.close()
    await expectSound(data)
    const again = await medulla(['scan', ...SHORT_SCAN, '--data', data])
    expect(again.exitCode, again.stderr).toBe(0)
  })

  test('that is no database', async () => {
    const data = temporaryFolder()
    writeFileSync(path.join(data, 'casebook.sqlite'), 'not a database at all, but long enough to look at'.repeat(50))
    const before = readFileSync(path.join(data, 'casebook.sqlite'))
    expectError(await medulla(['cases', '--data', data]), 'casebook-damaged')
    expect(readFileSync(path.join(data, 'casebook.sqlite'))).toEqual(before)
  })

  test('a data folder that is a file', async () => {
    const file = path.join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expectError(await medulla(['cases', '--data', file]), 'data-unwritable')
  })
})

describe('disk', () => {
  const mountPoint = path.join(temporaryFolder(), 'small')
  mkdirSync(mountPoint)
  const isMounted =
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mountPoint]).status === 0
  if (!isMounted) console.log('Skipped: full disk. Mounting a small file system takes root on Linux.')
  afterAll(() => {
    if (isMounted) spawnSync('umount', ['-l', mountPoint])
  })
  const args = ['--data', mountPoint, '--model', MODEL]
  const scan = ['scan', '--rig', 'simulated', '--cells', '250', '--time-scale', '50', ...args]

  test.skipIf(!isMounted)('too small to begin with', async () => {
    expectError(await medulla(scan), 'disk-full')
    expect((await medulla(['cases', '--data', mountPoint])).json).toMatchObject({ cases: [] })
    await expectSound(mountPoint)
  })

  test.skipIf(!isMounted)(
    'full in the middle of a scan: it stands still and says so, what was committed stays, and it goes on with more room',
    async () => {
      expect(spawnSync('mount', ['-o', 'remount,size=250m', mountPoint]).status).toBe(0)
      const running = startMedulla(scan)
      await told(running, 'Run 1')
      const { bavail, bsize } = statfsSync(mountPoint)
      const ballast = path.join(mountPoint, 'ballast')
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - 4_000_000))
      await told(running, 'Paused. ')
      running.process.kill('SIGINT')
      const stopped = await running.ended
      expectError(stopped, 'interrupted', 130)
      expect(stopped.json).toMatchObject({ runId: 1 })
      rmSync(ballast)
      await expectSound(mountPoint)
      const kept = await cellsOf(1)
      const resumed = await medulla(['resume', '1', ...args])
      expect(resumed.json, resumed.stderr).toMatchObject({ runId: 1, stopped: 'cells' })
      expect((await cellsOf(1)).slice(0, kept.length)).toEqual(kept)
    },
  )

  /** Resolves once it says so on stderr. */
  function told(running: RunningCommand, words: string): Promise<void> {
    return new Promise((resolve) => running.process.stderr!.on('data', (text) => text.includes(words) && resolve()))
  }

  async function cellsOf(runId: number): Promise<unknown[]> {
    const { json } = await medulla(['cells', String(runId), '--data', mountPoint])
    return (json as { cells: unknown[] }).cells
  }
})

describe('command line', () => {
  const data = temporaryFolder()

  test('a port another program uses', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expectError(await medulla(['serve', '--port', String(port), '--data', data]), 'port-taken')
    other.close()
  })

  test('a run that is not there', async () => {
    for (const command of ['cells', 'truth', 'differential', 'resume']) {
      expectError(await medulla([command, '999', '--data', data, '--model', MODEL]), 'not-found')
    }
  })

  test.each([
    [['scan', '--cells', 'NaN']],
    [['scan', '--cells', '-5']],
    [['scan', '--seed', '-1']],
    [['scan', '--time-scale', '0']],
    [['scan', '--rig', 'moon.json']],
    [['scan', '--profile', 'healthy']],
    [['scan', '--rig', 'folder']],
    [['scan', '--images', 'fields']],
    [['scan', '--pixel-size', '0.2']],
    [['scan', '--colour', 'red']],
    [['cells', 'one']],
    [['cells']],
    [['differential', '1', '--view', 'both']],
    [['serve', '--port', '70000']],
    [['dance']],
    [[]],
  ])('%j', async (args) => {
    const result = await medulla([...args, '--data', data])
    expect((result.json as { error: { code: string } }).error.code).toMatch(
      /^(invalid-input|images-missing|not-found)$/,
    )
    expect(result.exitCode).toBe(1)
  })
})
