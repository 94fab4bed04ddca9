import { statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, freemem, totalmem } from 'node:os'
import type { Finding } from '../../shared/contract/system.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { LoadedModel } from '../inference/classifier.ts'
import type { PassedOver } from '../inference/providers.ts'
import { requireAravis } from '../microscope/camera/drivers/aravis/aravis-camera.ts'
import { findFfmpeg } from '../microscope/camera/drivers/ffmpeg/ffmpeg-program.ts'

/** The model in use, or why there is none. */
export interface ModelState {
  readonly model: LoadedModel | null
  /** Execution providers that would have been preferred. */
  readonly passedOver: readonly PassedOver[]
  readonly problem: { readonly message: string; readonly remedy: string } | null
}

export interface DoctorParts {
  readonly dataFolder: string
  readonly casebook: Casebook
  readonly modelState: () => Promise<ModelState>
}

const ENOUGH_DISK_BYTES = 2e9
const NATIVE_LIBRARIES = ['onnxruntime-node', 'better-sqlite3', 'sharp', '@julusian/jpeg-turbo']

/** What is installed and whether it works; what is wrong, and what to do about it. */
export async function examine({ dataFolder, casebook, modelState }: DoctorParts) {
  const state = await modelState()
  const findings: Finding[] = [
    runtime(),
    ...NATIVE_LIBRARIES.map(library),
    model(state),
    ...provider(state),
    casebookFinding(casebook),
    await disk(dataFolder),
    {
      subject: 'devices',
      status: 'ok',
      message:
        'Rigs this version can scan with: simulated (a seeded smear), folder (images of fields of view), and microscopes that a rig file describes.',
      remedy: null,
    },
    ...(await cameraPrograms()),
  ]
  return { healthy: findings.every((finding) => finding.status !== 'problem'), findings }
}

/** What cameras are read with. Without a camera neither is missed. */
async function cameraPrograms(): Promise<Finding[]> {
  const finding = (program: string, found: string | null, remedy: string): Finding => ({
    subject: 'cameras',
    status: 'ok',
    message: found === null ? `${program}: not installed.` : `${program}: ${found}.`,
    remedy: found === null ? remedy : null,
  })
  const [ffmpeg, aravis] = await Promise.all([
    findFfmpeg().then(
      ({ version }) => version,
      () => null,
    ),
    requireAravis().then(
      () => 'installed, with Aravis',
      () => null,
    ),
  ])
  return [
    finding('ffmpeg, for UVC and network cameras', ffmpeg, 'Install ffmpeg to use one.'),
    finding(
      'GStreamer with Aravis, for GigE and USB3 Vision cameras',
      aravis,
      'Install gstreamer1.0-tools, libaravis-0.8-0 and aravis-tools-cli to use one.',
    ),
  ]
}

function runtime(): Finding {
  const memory = `${(totalmem() / 1e9).toFixed(1)} GB of memory, ${(freemem() / 1e9).toFixed(1)} free`
  const message = `Node ${process.versions.node} on ${process.platform} ${process.arch}, ${availableParallelism()} processors, ${memory}.`
  return { subject: 'runtime', status: 'ok', message, remedy: null }
}

function library(name: string): Finding {
  try {
    const require = createRequire(import.meta.url)
    require(name)
    return { subject: name, status: 'ok', message: 'Installed, and it loads.', remedy: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      subject: name,
      status: 'problem',
      message: `It does not load: ${reason}`,
      remedy: 'Run npm ci again on this machine.',
    }
  }
}

function model({ model, problem }: ModelState): Finding {
  if (problem) return { subject: 'model', status: 'problem', ...problem }
  const { name, version, classes, evidence } = model!.manifest
  const rendered = classes.filter((code) => (evidence[code]?.images ?? 'none') !== 'real')
  const known = `${name} ${version}, ${model!.variant} graph, ${classes.length} classes, file checked against its manifest.`
  if (rendered.length === 0) return { subject: 'model', status: 'ok', message: known, remedy: null }
  return {
    subject: 'model',
    status: 'warning',
    message: `${known} Never saw real images of: ${rendered.join(', ')}.`,
    remedy: 'Look at every cell of these classes before you rely on their counts.',
  }
}

/** What the model runs on, and why on nothing faster. */
function provider({ model, passedOver }: ModelState): Finding[] {
  if (!model) return []
  const others = passedOver.map((each) => ` Not ${each.provider}: ${each.reason}.`).join('')
  return [{ subject: 'execution provider', status: 'ok', message: `${model.provider}.${others}`, remedy: null }]
}

function casebookFinding(casebook: Casebook): Finding {
  const faults = casebook.check()
  if (faults.length === 0)
    return { subject: 'casebook', status: 'ok', message: 'Sound, and its chain of labels is unbroken.', remedy: null }
  return {
    subject: 'casebook',
    status: 'problem',
    message: faults.slice(0, 3).join('; '),
    remedy: 'Copy the data folder away, then restore the last backup.',
  }
}

async function disk(dataFolder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataFolder)
  const free = bavail * bsize
  const message = `${(free / 1e9).toFixed(1)} GB free for ${dataFolder}.`
  if (free >= ENOUGH_DISK_BYTES) return { subject: 'disk', status: 'ok', message, remedy: null }
  return {
    subject: 'disk',
    status: 'warning',
    message,
    remedy: 'Free at least 2 GB: a scan of 1,000 fields needs about that much.',
  }
}
