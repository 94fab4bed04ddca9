import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RESERVE_BYTES } from '../../../src/main/scan/disk-room.ts'
import { type Draw, drawFrom } from '../draw.ts'
import { type CommandResult, medulla, type RunningCommand, startMedulla } from '../medulla.ts'
import { emptyVolume, fillVolume } from '../volume.ts'
import { type BenchOnCables, benchOnCables } from './bench-on-cables.ts'
import { type Comparison, compareRuns, databaseFindings, fieldsIn, hasRun, isFinished } from './compare-runs.ts'

export interface EnduranceOptions {
  /** Of the moments; the smear is always the same. */
  readonly seed: number
  readonly kills: number
  readonly unplugs: number
  /** Of the camera: it gives one image again and again until it is plugged in anew. */
  readonly hangs: number
  readonly diskFulls: number
  /** Where the run is to end: enough that everything happens before. */
  readonly cells: number
  /** Seed of how the camera is mounted: it is calibrated first, and each image is put right. null: it needs neither. */
  readonly mount: number | null
  /** A model package's folder; null: the bundled one. */
  readonly model: string | null
  /** On a volume of its own that may be filled; what is there is written to. */
  readonly volume: string
  /** Anywhere else, for the quiet run and the ports. */
  readonly folder: string
  readonly note: (line: string) => void
  /** Nothing more is disturbed once it is aborted: the run is left to end and compared as it then is. */
  readonly enough?: AbortSignal
}

export interface EnduranceReport extends Comparison {
  readonly kills: number
  readonly unplugs: { readonly stage: number; readonly camera: number }
  /** Each of which the run has to tell. */
  readonly hangs: number
  readonly diskFulls: number
  /** Disturbances that were still to come when the run was over (more cells are needed) or there was enough. */
  readonly missed: number
  /** Resumes on a disk that was still full, each of which has to be refused with `disk-full`. */
  readonly refusedWhileFull: number
  /** Runs that failed because a cable stayed away too long or the camera hung, and were resumed. */
  readonly resumedAfterFailure: number
  readonly fields: number
  readonly cells: number
  /** What SQLite, foreign keys and the audit chain say of the casebook; empty: nothing is wrong. */
  readonly findings: readonly string[]
  readonly minutes: number
}

/** Cells a field of this smear has, about. Of a camera that is turned less is left along the stage's axes. */
export const cellsAField = (mount: number | null) => (mount === null ? 20 : 10)

type Disturbance = 'kill' | 'unplug stage' | 'unplug camera' | 'hang camera' | 'fill disk'

/**
 * One run in peace, then the same run killed, unplugged, with a camera that hangs, and run out of disk, in an order and at moments drawn from the seed; and what differs. Rejects
 * where the command line answers with anything that a person would not expect of the disturbance.
 */
export async function endure(options: EnduranceOptions): Promise<EnduranceReport> {
  const { folder, volume, note, seed } = options
  const startMs = performance.now()
  const bench = benchOnCables(folder, options.mount)
  for (const cable of Object.values(bench.cables)) await cable.plug()
  try {
    const [quiet, disturbed] = [join(folder, 'quiet'), join(volume, 'data')]
    mkdirSync(quiet)
    if (options.mount !== null) await calibrate(bench, quiet)
    cpSync(quiet, disturbed, { recursive: true })
    expectFinished(await medulla(scanArgs(options, bench, quiet)))
    note(`the quiet run: ${fieldsIn(quiet)} fields`)
    const ordeal = new Ordeal(options, bench, disturbed, drawFrom(seed))
    for (const disturbance of ordeal.draw.shuffled(disturbances(options))) await ordeal.meet(disturbance)
    await ordeal.finish()
    const check = await medulla(['check', '--data', disturbed])
    const { findings } = check.json as { findings: { status: string; message: string }[] }
    const wrong = findings.filter(({ status }) => status !== 'ok').map(({ message }) => message)
    return {
      ...ordeal.counts,
      ...compareRuns(quiet, disturbed),
      fields: fieldsIn(disturbed),
      cells: (await cellsOf(disturbed)).length,
      findings: [...databaseFindings(disturbed), ...wrong],
      minutes: (performance.now() - startMs) / 60_000,
    }
  } finally {
    for (const cable of Object.values(bench.cables)) await cable.unplug()
  }
}

function disturbances({ kills, unplugs, hangs, diskFulls }: EnduranceOptions): Disturbance[] {
  const of = (what: Disturbance, times: number) => Array.from({ length: times }, () => what)
  return [
    ...of('kill', kills),
    ...of('unplug stage', Math.ceil(unplugs / 2)),
    ...of('unplug camera', Math.floor(unplugs / 2)),
    ...of('hang camera', hangs),
    ...of('fill disk', diskFulls),
  ]
}

function scanArgs({ cells, model }: EnduranceOptions, { rigPath }: BenchOnCables, dataFolder: string): string[] {
  return ['scan', '--rig', rigPath, '--cells', String(cells), ...common(model, dataFolder)]
}

/** Where the camera's pixels lie, and its light. */
async function calibrate({ rigPath }: BenchOnCables, dataFolder: string): Promise<void> {
  for (const kind of ['pixel-size', 'flat-field', 'white-balance']) {
    expectFinished(await medulla(['calibrate', kind, '--rig', rigPath, '--data', dataFolder]))
  }
}

const common = (model: string | null, dataFolder: string) => [
  '--data',
  dataFolder,
  ...(model === null ? [] : ['--model', model]),
]

async function cellsOf(dataFolder: string): Promise<unknown[]> {
  const { json } = await medulla(['cells', '1', '--data', dataFolder])
  return (json as { cells: unknown[] }).cells
}

function expectFinished({ exitCode, stderr, json }: CommandResult): void {
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}: ${JSON.stringify(json)} ${stderr}`)
}

/** A cable that stayed away: the run fails with what to do, which is to plug it in and resume. */
const OF_A_CABLE = ['device-failed', 'capture-timeout', 'position-unknown']

class Ordeal {
  readonly draw: Draw
  readonly counts = {
    kills: 0,
    unplugs: { stage: 0, camera: 0 },
    hangs: 0,
    diskFulls: 0,
    missed: 0,
    refusedWhileFull: 0,
    resumedAfterFailure: 0,
  }
  readonly #options: EnduranceOptions
  readonly #bench: BenchOnCables
  readonly #dataFolder: string
  #running: RunningCommand | null = null
  #said = ''

  constructor(options: EnduranceOptions, bench: BenchOnCables, dataFolder: string, draw: Draw) {
    this.#options = options
    this.#bench = bench
    this.#dataFolder = dataFolder
    this.draw = draw
  }

  async meet(disturbance: Disturbance): Promise<void> {
    // The disk is filled again where the scan had just ended for another reason: a cable that was pulled before.
    do {
      if (this.#options.enough?.aborted || !(await this.#moment(disturbance))) {
        this.counts.missed++
        return
      }
    } while (!(await this.#disturb(disturbance)))
    this.#options.note(`${disturbance}: ${fieldsIn(this.#dataFolder)} fields`)
  }

  /** Waits for the moment; false: the run is over. */
  async #moment(disturbance: Disturbance): Promise<boolean> {
    while (this.#running || !isFinished(this.#dataFolder)) {
      const running = this.#start()
      // A kill may come anywhere; the others are meant for a scan that goes on.
      const moment = disturbance === 'kill' ? this.#anyMoment() : this.#nextField()
      const ended = await Promise.race([running.ended, moment.then(() => null)])
      if (!ended) return true
      this.#expectCable(ended)
    }
    return false
  }

  /** False: it did not come to that. */
  async #disturb(disturbance: Disturbance): Promise<boolean> {
    if (disturbance === 'kill') await this.#kill()
    else if (disturbance === 'fill disk') return this.#fillDisk()
    else if (disturbance === 'hang camera') return this.#hangCamera()
    else await this.#unplug(disturbance === 'unplug stage' ? 'stage' : 'camera')
    return true
  }

  async finish(): Promise<void> {
    while (this.#running || !isFinished(this.#dataFolder)) {
      const ended = await this.#start().ended
      this.#running = null
      if (ended.exitCode === 0) return
      this.#expectCable(ended)
    }
  }

  #start(): RunningCommand {
    if (this.#running) return this.#running
    this.#said = ''
    const args = hasRun(this.#dataFolder)
      ? ['resume', '1', ...common(this.#options.model, this.#dataFolder)]
      : scanArgs(this.#options, this.#bench, this.#dataFolder)
    const running = startMedulla(args)
    running.process.stderr!.on('data', (text: string) => {
      this.#said += text
    })
    this.#running = running
    return running
  }

  /** A process that ended by itself: only a cable that was pulled may be why. */
  #expectCable(ended: CommandResult): void {
    this.#running = null
    const code = (ended.json as { error?: { code?: string } } | null)?.error?.code
    if (ended.exitCode === 0) return
    // Ctrl-C at a terminal reaches the scan as well.
    if (code === 'interrupted' && this.#options.enough?.aborted) return
    if (code === undefined || !OF_A_CABLE.includes(code)) {
      throw new Error(`the scan ended with ${ended.exitCode}: ${JSON.stringify(ended.json)} ${ended.stderr}`)
    }
    this.counts.resumedAfterFailure++
  }

  /** Every third time anywhere in the first seconds (opening, focusing), else up to a field's time after a field. */
  async #anyMoment(): Promise<void> {
    if (this.draw.next() < 1 / 3) return sleep(this.draw.between(0, 3000))
    return this.#nextField()
  }

  async #nextField(): Promise<void> {
    const before = fieldsIn(this.#dataFolder)
    const delayMs = this.draw.between(0, 400)
    const running = this.#running
    while (fieldsIn(this.#dataFolder) <= before && running === this.#running) await sleep(25)
    await sleep(delayMs)
  }

  async #kill(): Promise<void> {
    const running = this.#running!
    this.#running = null
    running.process.kill('SIGKILL')
    await running.ended
    this.counts.kills++
  }

  async #unplug(what: 'stage' | 'camera'): Promise<void> {
    const cable = this.#bench.cables[what]
    await cable.unplug()
    // Every fourth time it stays away for longer than a scan waits.
    await sleep(this.draw.next() < 1 / 4 ? this.draw.between(4000, 6000) : this.draw.between(100, 1200))
    await cable.plug()
    this.counts.unplugs[what]++
  }

  /** False: the scan ended for another reason, such as a cable that was pulled before. */
  async #hangCamera(): Promise<boolean> {
    const { cables, hangCamera } = this.#bench
    hangCamera()
    const ended = await this.#running!.ended
    await cables.camera.unplug()
    await cables.camera.plug()
    this.#expectCable(ended)
    const { message } = (ended.json as { error?: { message: string } }).error ?? { message: '' }
    if (!message.includes('hangs')) return false
    this.counts.hangs++
    return true
  }

  /** Nearly full, full to the last byte, and full while the process is killed and somebody tries to resume, in turn. */
  async #fillDisk(): Promise<boolean> {
    const { volume } = this.#options
    const kind = this.counts.diskFulls % 3
    this.#said = ''
    fillVolume(volume, kind === 0 ? RESERVE_BYTES / 2 : 0)
    const running = this.#running!
    while (!this.#said.includes('Paused. ')) {
      const ended = await Promise.race([running.ended, sleep(25, null)])
      if (!ended) continue
      emptyVolume(volume)
      this.#expectCable(ended)
      return false
    }
    this.counts.diskFulls++
    await sleep(this.draw.between(0, 1500))
    if (kind === 2) {
      await this.#kill()
      this.counts.kills--
      const refused = await this.#start().ended
      this.#running = null
      const code = (refused.json as { error?: { code?: string } } | null)?.error?.code
      emptyVolume(volume)
      if (code !== 'disk-full') throw new Error(`resumed on a full disk: ${JSON.stringify(refused)}`)
      this.counts.refusedWhileFull++
    }
    emptyVolume(volume)
    return true
  }
}
