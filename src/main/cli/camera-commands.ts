import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import sharp from 'sharp'
import { type RealCamera, rigCamera } from '../../shared/contract/camera.ts'
import { MedullaError } from '../../shared/errors.ts'
import { RESEARCH_USE_ONLY } from '../../shared/taxonomy.ts'
import type { Camera } from '../microscope/camera/camera.ts'
import type { Spread } from '../microscope/camera/measure-camera.ts'
import { positive } from './numbers.ts'
import { readRigFile } from './rig-file.ts'
import { callerFolder, callerPath, settingsOf } from './settings.ts'

interface CameraOptions {
  readonly rig?: string
  readonly driver?: RealCamera['kind']
  readonly format?: string
  readonly source?: string
  readonly size?: string
  readonly rate?: number
}

export function addCameraCommands(program: Command): void {
  const camera = program.command('camera').description('try a camera by itself; the stage is left alone')

  ofCamera(camera.command('capture'))
    .description('take one image that is exposed after the command was given')
    .requiredOption('--out <file>', 'PNG to write')
    .action(async (options: CameraOptions & { out: string }, command: Command) => {
      const { output } = settingsOf(command)
      const path = callerPath(options.out)
      await withCamera(options, async (camera) => {
        const { captureAfter } = await import('../microscope/camera/camera.ts')
        const askedMs = performance.now()
        const frame = await captureAfter(camera, askedMs)
        const { data, widthPx, heightPx, sequence } = frame
        const png = await sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })
          .withExif({ IFD0: { ImageDescription: RESEARCH_USE_ONLY } })
          .png()
          .toBuffer()
        await writeFile(path, png).catch((cause: unknown) => {
          throw unwritable(path, cause)
        })
        const tookMs = Math.round(frame.exposureEndMs - askedMs)
        await output.answer({ path, camera: camera.name, widthPx, heightPx, sequence, tookMs }, () =>
          [`${path}: ${widthPx} x ${heightPx} pixels of ${camera.name}`, `Asked for and here in ${tookMs} ms.`].join(
            '\n',
          ),
        )
      })
    })

  ofCamera(camera.command('measure'))
    .description('how many images a second arrive, how many are lost, and how long one takes')
    .option('--seconds <n>', 'how long to measure', positive, 10)
    .action(async (options: CameraOptions & { seconds: number }, command: Command) => {
      const { output } = settingsOf(command)
      await withCamera(options, async (camera) => {
        const { measureCamera } = await import('../microscope/camera/measure-camera.ts')
        const measure = await measureCamera(camera, options.seconds)
        const { controls, values, notices } = camera
        const notes = notices.map(({ kind, message }) => ({ kind, message }))
        await output.answer({ camera: camera.name, ...measure, controls, values, notices: notes }, () =>
          [
            `${camera.name}, ${camera.widthPx} x ${camera.heightPx} pixels, ${measure.seconds.toFixed(1)} s`,
            `Arrived        ${measure.received} images, ${measure.framesPerS.toFixed(1)} a second`,
            `Lost           ${measure.dropped}`,
            `Asked for      ${measure.captures}, one after the other`,
            `From asking    ${spreadText(measure.captureMs)}`,
            `From exposure  ${spreadText(measure.latencyMs)}, at most`,
            ...notes.map(({ message }) => message),
          ].join('\n'),
        )
      })
    })
}

function ofCamera(command: Command): Command {
  return command
    .option('--rig <file>', 'rig file (JSON) whose camera to use')
    .addOption(new Option('--driver <name>', 'camera without a rig file').choices(['ffmpeg', 'aravis', 'folder']))
    .option('--format <name>', "ffmpeg's input: v4l2, dshow, avfoundation, lavfi")
    .option('--source <name>', 'what `devices` calls the camera, or a folder')
    .option('--size <pixels>', 'for example 1920x1080')
    .option('--rate <n>', 'images a second', positive)
}

/** The stage is not opened: nothing can move. */
async function withCamera(options: CameraOptions, work: (camera: Camera) => Promise<void>): Promise<void> {
  const settings = await cameraOf(options)
  const { openCamera } = await import('../microscope/camera/drivers/index.ts')
  const camera = await openCamera(settings)
  try {
    await work(camera)
  } finally {
    await camera.close()
  }
}

async function cameraOf(options: CameraOptions): Promise<RealCamera> {
  if (options.rig !== undefined) {
    const { camera } = await readRigFile(callerPath(options.rig))
    if (camera.kind !== 'simulated') return camera
    throw invalid(
      'The camera of this rig file is a simulated one, which needs its stage.',
      'Name a rig with a real camera.',
    )
  }
  if (options.driver === undefined) throw invalid('No camera was named.', 'Name it with --rig, or with --driver.')
  const [, widthPx, heightPx] = /^(\d+)x(\d+)$/.exec(options.size ?? '') ?? []
  if (widthPx === undefined)
    throw invalid('The size of its images is not known.', 'Give it with --size, for example 1920x1080.')
  const size = { widthPx: Number(widthPx), heightPx: Number(heightPx) }
  const { format = null, source, rate = 30 } = options
  const { success, data, error } = rigCamera.safeParse(
    options.driver === 'ffmpeg'
      ? { kind: 'ffmpeg', format, source, ...size, framesPerS: rate }
      : options.driver === 'aravis'
        ? { kind: 'aravis', camera: source ?? null, ...size, framesPerS: rate }
        : { kind: 'folder', images: source === undefined ? callerFolder() : callerPath(source), ...size },
  )
  if (success && data.kind !== 'simulated') return data
  const places = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw invalid(`The camera is not described as it should be. ${places}`, 'Give --source, --format, --size and --rate.')
}

const spreadText = ({ median, p95, max }: Spread) =>
  `${median.toFixed(0)} ms (median), ${p95.toFixed(0)} (95 %), ${max.toFixed(0)} (longest)`

const invalid = (message: string, remedy: string) => new MedullaError('invalid-input', message, { remedy })

function unwritable(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'data-unwritable',
    `${path} cannot be written: ${(cause as Error).message}`,
    { remedy: 'Name a file in a folder that you may write to.', values: { path } },
    { cause },
  )
}
