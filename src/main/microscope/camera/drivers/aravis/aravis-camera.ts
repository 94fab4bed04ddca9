import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { AravisCameraSettings } from '../../../../../shared/contract/camera.ts'
import { MedullaError } from '../../../../../shared/errors.ts'
import type { Camera, CameraControls, CameraValues } from '../../camera.ts'
import type { CameraDriver, FrameStream, StreamEvents } from '../../camera-driver.ts'
import { ChildProgram, type ProgramEnd } from '../../child/child-program.ts'
import { requireControls } from '../../controls.ts'
import { type RawFormat, rawBytes } from '../../pixels.ts'
import { StreamingCamera } from '../../streaming-camera.ts'
import { aravisArguments } from './aravis-arguments.ts'
import { readControls } from './aravis-controls.ts'
import { listAravisCameras } from './arv-tool.ts'
import { GstError, GstReader } from './gst-reader.ts'

/** The program: the one of the system, or that of the environment variable MEDULLA_GST_LAUNCH. */
const gstLaunchPath = () => process.env.MEDULLA_GST_LAUNCH || 'gst-launch-1.0'
/** What a frame takes from the camera to this process where nothing holds it up, beside its exposure and readout, milliseconds. */
const WAY_MS = 20

/** A camera that Aravis reaches, once its frames arrive. Rejects `device-failed`, `invalid-input`. */
export async function openAravisCamera(settings: AravisCameraSettings): Promise<Camera> {
  const path = gstLaunchPath()
  await requireAravis(path)
  const name = await requireCamera(settings.camera)
  const { controls, values } = await readControls(settings.camera)
  // Unknown ranges are the camera's to enforce.
  const known = Object.fromEntries(
    Object.entries(settings.values).filter(([control]) => controls[control as keyof CameraControls] !== null),
  )
  requireControls({ name, controls }, known)
  return StreamingCamera.open(aravisDriver(settings, path, name, controls, { ...values, ...settings.values }))
}

function aravisDriver(
  settings: AravisCameraSettings,
  path: string,
  name: string,
  controls: CameraControls,
  values: CameraValues,
): CameraDriver {
  const { widthPx, heightPx, framesPerS, pixelFormat, pixelSizeUm } = settings
  const framePeriodMs = 1000 / framesPerS
  return {
    name,
    widthPx,
    heightPx,
    format: RAW[pixelFormat],
    pixelSizeUm,
    framePeriodMs,
    latencyMs: settings.latencyMs ?? 2 * framePeriodMs + WAY_MS,
    // The camera's own, counted from its first frame.
    hostClock: false,
    fewFramesRemedy: fewFramesRemedy(settings),
    controls,
    values,
    // The program that streams is the only one that may control the camera.
    apply: null,
    start: (current, events) => startGst(settings, path, name, current, events),
  }
}

const RAW: Readonly<Record<AravisCameraSettings['pixelFormat'], RawFormat>> = {
  mono8: 'gray',
  rgb8: 'rgb24',
  'bayer-rg8': 'bayer-rg8',
  'bayer-gr8': 'bayer-gr8',
  'bayer-gb8': 'bayer-gb8',
  'bayer-bg8': 'bayer-bg8',
}

function startGst(
  settings: AravisCameraSettings,
  path: string,
  name: string,
  values: CameraValues,
  events: StreamEvents,
): FrameStream {
  const program = new ChildProgram(path, aravisArguments(settings, values), { outputs: 2 })
  let over = false
  const fail = (error: MedullaError) => {
    if (over) return
    over = true
    events.failed(error)
  }
  const rowBytes = settings.widthPx * (settings.pixelFormat === 'rgb8' ? 3 : 1)
  const reader = new GstReader(rowBytes, settings.heightPx, (data, stampMs) => {
    if (!over) events.frame(data, stampMs)
  })
  const reading = (work: () => void) => {
    if (over) return
    try {
      work()
    } catch (error) {
      if (!(error instanceof GstError)) throw error
      fail(wrongFrames(name, error))
    }
  }
  program.output.setEncoding('utf8').on('data', (text: string) => reading(() => reader.pushText(text)))
  program.secondOutput.on('data', (chunk: Buffer) =>
    reading(() => {
      events.alive()
      reader.pushData(chunk)
    }),
  )
  program.ended.then((end) => fail(endedBy(settings, path, name, end)))
  return {
    stop: () => {
      over = true
      return program.stop()
    },
  }
}

/** Large frames of a network camera need room in the system's receive buffers; without it they are lost, and nothing says so. */
function fewFramesRemedy({ widthPx, heightPx, pixelFormat }: AravisCameraSettings): string {
  const check = 'Check its power and cable, and the packet size that the network carries (camera.packetSizeBytes)'
  const bytes = rawBytes(RAW[pixelFormat], widthPx, heightPx)
  const room = receiveBufferBytes()
  if (room === null || room > bytes) return `${check}.`
  const megabytes = (n: number) => `${(n / 1e6).toFixed(1)} MB`
  return `${check}; of a GigE camera, make room for its frames of ${megabytes(bytes)} in the system's receive buffers of ${megabytes(room)} (sysctl net.core.rmem_default, net.core.rmem_max).`
}

/** null: not Linux, or not told. */
function receiveBufferBytes(): number | null {
  try {
    return Number(readFileSync('/proc/sys/net/core/rmem_default', 'utf8')) || null
  } catch {
    return null
  }
}

/** Rejects `device-failed` where GStreamer or its Aravis plugin is not installed. */
export async function requireAravis(path = gstLaunchPath()): Promise<void> {
  const failed = (what: string, cause: unknown) =>
    new MedullaError(
      'device-failed',
      `${what}, which GigE Vision and USB3 Vision cameras are read with`,
      {
        remedy:
          'Install GStreamer and Aravis (on Debian: apt-get install gstreamer1.0-tools libaravis-0.8-0 aravis-tools-cli), then try again.',
      },
      { cause },
    )
  try {
    await promisify(execFile)(path, ['--version'], { timeout: 20_000 })
  } catch (cause) {
    throw failed(`GStreamer cannot be started (${path})`, cause)
  }
  try {
    // Not with --exists, which holds Aravis's version against GStreamer's.
    await promisify(execFile)('gst-inspect-1.0', ['aravissrc'], { timeout: 20_000 })
  } catch (cause) {
    throw failed('GStreamer has no Aravis', cause)
  }
}

/** @returns what the camera calls itself. */
async function requireCamera(wanted: string | null): Promise<string> {
  const found = await listAravisCameras()
  // Nobody to ask: the stream will show whether it is there.
  if (found === null) return wanted ?? 'Aravis camera'
  const match = wanted === null ? found : found.filter(({ name, address }) => name === wanted || address === wanted)
  if (match.length === 1) return match[0].name
  const names = found.map(({ name }) => name).join(', ')
  if (match.length > 1) {
    throw new MedullaError('invalid-input', `There are several cameras: ${names}`, {
      remedy: 'Name one of them in the rig file (camera.camera).',
    })
  }
  throw new MedullaError(
    'device-failed',
    `The camera ${wanted ?? ''} does not answer. ${found.length > 0 ? `There is: ${names}` : 'There is no other either.'}`,
    {
      remedy: 'Check its power and cable; on a network it needs an address in this computer’s range.',
      values: { camera: wanted ?? '' },
    },
  )
}

function endedBy(settings: AravisCameraSettings, path: string, name: string, end: ProgramEnd): MedullaError {
  if (end.missing) {
    return new MedullaError('device-failed', `GStreamer cannot be started (${path})`, {
      remedy: 'Install GStreamer (on Debian: apt-get install gstreamer1.0-tools), then try again.',
    })
  }
  const { widthPx, heightPx, framesPerS, pixelFormat } = settings
  if (/not-negotiated/.test(end.words) || end.exitCode === 0) {
    return new MedullaError(
      'device-failed',
      `The camera (${name}) does not give ${widthPx} x ${heightPx} pixels of ${pixelFormat} at ${framesPerS} a second, or another program controls it`,
      {
        remedy:
          'Close other programs that use the camera, and compare the rig file with `arv-tool-0.8 -n NAME values`.',
        values: { camera: name },
      },
    )
  }
  const said = /ERROR: [^\n]*?: ([^\n]+)/.exec(end.words)?.[1] ?? end.words.split('\n').at(-1) ?? ''
  const how = end.signal ? `was ended by ${end.signal}` : `ended with status ${end.exitCode}`
  return new MedullaError('device-failed', `GStreamer, which reads the camera (${name}), ${how}. ${said}`.trimEnd(), {
    remedy: 'Check the camera’s power and cable; Medulla keeps trying.',
    values: { camera: name },
  })
}

function wrongFrames(name: string, cause: GstError): MedullaError {
  return new MedullaError(
    'device-failed',
    `The camera (${name}) sends what cannot be read: ${cause.message}`,
    { remedy: 'Compare size and pixel format in the rig file with what the camera sends.', values: { camera: name } },
    { cause },
  )
}
