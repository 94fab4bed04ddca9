import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBench } from '../src/main/bench/bench.ts'
import { openCasebook } from '../src/main/casebook/open-casebook.ts'
import { readPackage } from '../src/main/inference/package.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import { matchDetections } from '../src/main/vision/match.ts'
import type { TruthCellRow } from '../src/shared/contract/cells.ts'
import type { ClassCode } from '../src/shared/taxonomy.ts'
import { inThrowAwayFolder } from './throw-away.ts'

/** A simulated scan with what its cells truly are. */
export interface StudiedScan {
  readonly profile: Profile
  readonly seed: number
  /** As the model named them; `truth` null: no cell is there. */
  readonly cells: readonly { readonly named: ClassCode; readonly truth: ClassCode | null }[]
  /** Of these cells, n x classes. */
  readonly probabilities: Float32Array
  readonly classes: readonly ClassCode[]
  /** Every true cell in the counted area, found or not. */
  readonly truth: readonly ClassCode[]
}

/** As it is kept: probabilities are float32, little endian, in base64. */
type KeptScan = Omit<StudiedScan, 'probabilities'> & { readonly probabilities: string }

export interface ScanSettings {
  readonly modelFolder: string
  readonly targetCells: number
  /** Scans are kept here, by the model's hash. */
  readonly workFolder: string
}

/** A detection belongs to a cell when it lies this near its centre: about a blast's radius. */
const CENTRE_RADIUS_UM = 5.5
/** Nobody watches: the simulated stage and camera need not take their time. */
const TIME_SCALE = 1000

/** The scan as it was kept, or made now: real rig, real detector, real model. */
export async function studiedScan(profile: Profile, seed: number, settings: ScanSettings): Promise<StudiedScan> {
  const { sha256 } = (await readPackage(settings.modelFolder)).manifest
  const file = join(settings.workFolder, `${sha256.slice(0, 12)}-${profile}-${seed}-${settings.targetCells}.json`)
  if (!existsSync(file)) {
    const scan = await scanNow(profile, seed, settings)
    mkdirSync(settings.workFolder, { recursive: true })
    writeFileSync(file, JSON.stringify(scan))
  }
  const kept = JSON.parse(readFileSync(file, 'utf8')) as KeptScan
  const bytes = Uint8Array.from(Buffer.from(kept.probabilities, 'base64'))
  return { ...kept, probabilities: new Float32Array(bytes.buffer) }
}

async function scanNow(profile: Profile, seed: number, settings: ScanSettings): Promise<KeptScan> {
  return inThrowAwayFolder(async (dataFolder) => {
    const { runId, ...scanned } = await scanInto(dataFolder, profile, seed, settings)
    // The bench is closed: all the probabilities of a cell are in the casebook alone.
    const casebook = openCasebook(dataFolder)
    try {
      const { classes } = casebook.runModel(runId)!
      const { probabilities } = casebook.opinions(runId)
      return { ...scanned, classes, probabilities: Buffer.from(probabilities.buffer).toString('base64') }
    } finally {
      casebook.close()
    }
  })
}

async function scanInto(dataFolder: string, profile: Profile, seed: number, settings: ScanSettings) {
  const { client, close } = await openBench({
    dataFolder,
    model: settings.modelFolder,
    provider: 'cpu',
  })
  try {
    const rig = { kind: 'simulated', profile, seed, timeScale: TIME_SCALE } as const
    const { runId } = await client.runs.start({ rig, targetCells: settings.targetCells })
    for await (const { run } of await client.runs.events({ runId })) {
      if (run.state === 'failed') throw new Error(run.failure?.message)
    }
    const cells = (await client.cells.list({ runId })).cells.sort((a, b) => a.id - b.id)
    const truth = (await client.cells.truth({ runId })).cells
    const { pixelSizeUm } = await client.slide.info({ runId })
    const onSlide = <Row extends TruthCellRow>(cell: Row) => ({ ...cell, xPx: cell.slideX, yPx: cell.slideY })
    const rule = { kind: 'radius', radiusPx: CENTRE_RADIUS_UM / pixelSizeUm } as const
    const { pairs } = matchDetections(truth.map(onSlide), cells.map(onSlide), rule)
    const trueOf = new Map(pairs.map((pair) => [pair.detection, truth[pair.truth].class]))
    return {
      runId,
      profile,
      seed,
      cells: cells.map((cell, i) => ({ named: cell.machineClass!, truth: trueOf.get(i) ?? null })),
      truth: truth.map((cell) => cell.class!),
    }
  } finally {
    await close()
  }
}
