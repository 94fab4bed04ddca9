import type { FfmpegCameraSettings } from '../../../../../shared/contract/camera.ts'
import { MedullaError } from '../../../../../shared/errors.ts'
import { type Camera, NO_CONTROLS } from '../../camera.ts'
import type { CameraDriver, FrameStream, StreamEvents } from '../../camera-driver.ts'
import { ChildProgram, type ProgramEnd } from '../../child/child-program.ts'
import { NutError, NutReader, type NutStream } from '../../child/nut-reader.ts'
import { rawBytes } from '../../pixels.ts'
import { StreamingCamera } from '../../streaming-camera.ts'
import { ffmpegArguments, hasHostClock } from './ffmpeg-arguments.ts'
import { type Ffmpeg, findFfmpeg, noFfmpeg } from './ffmpeg-program.ts'
import { readV4l2Controls, type V4l2Controls } from './v4l2-controls.ts'

/** What a frame takes from the camera to this process where nothing holds it up, beside its exposure and readout, milliseconds. */
const WAY_MS = 30
/**
 * The same where a server in the network sends the frames: it and both ends of the connection keep a frame or two of their own all the
 * time, which the quickest frame has waited for like the others (seen here: 5 to 100 ms, another at each connection).
 */
const NETWORK_WAY_MS = 130

/** A camera that ffmpeg opens, once its frames arrive. Rejects `device-failed`, `device-taken`, `invalid-input`. */
export async function openFfmpegCamera(settings: FfmpegCameraSettings): Promise<Camera> {
  const ffmpeg = await findFfmpeg()
  const controls = settings.format === 'v4l2' ? await readV4l2Controls(settings.source) : null
  requireSettable(settings, controls)
  const camera = await StreamingCamera.open(ffmpegDriver(settings, ffmpeg, controls))
  try {
    await camera.configure(settings.values)
    return camera
  } catch (error) {
    await camera.close()
    throw error
  }
}

export function ffmpegDriver(
  settings: FfmpegCameraSettings,
  ffmpeg: Ffmpeg,
  controls: V4l2Controls | null = null,
): CameraDriver {
  const { widthPx, heightPx, framesPerS, transport, pixelSizeUm } = settings
  const hostClock = hasHostClock(settings)
  const framePeriodMs = 1000 / framesPerS
  return {
    name: nameOf(settings),
    widthPx,
    heightPx,
    format: transport,
    pixelSizeUm,
    framePeriodMs,
    // One period exposes, one reads out and sends; a clock of its own leaves the way here to be added.
    latencyMs: settings.latencyMs ?? 2 * framePeriodMs + (hostClock ? 0 : wayMs(settings)),
    hostClock,
    fewFramesRemedy: 'Check its cable and power, and the size, rate and format that the rig file asks of it.',
    controls: controls?.controls ?? NO_CONTROLS,
    values: controls?.values ?? NO_CONTROLS,
    apply: controls?.apply ?? null,
    start: (_values, events) => startFfmpeg(settings, ffmpeg, events),
  }
}

const wayMs = ({ source }: FfmpegCameraSettings) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? NETWORK_WAY_MS : WAY_MS)

const nameOf = ({ format, source }: FfmpegCameraSettings) => (format === null ? source : `${format} ${source}`)

function requireSettable({ format, source, values }: FfmpegCameraSettings, controls: V4l2Controls | null): void {
  if (Object.keys(values).length === 0 || controls) return
  throw new MedullaError('invalid-input', `Nothing can be set on the camera ${source} (camera.values)`, {
    remedy:
      format === 'v4l2'
        ? 'Install v4l2-ctl, with which it is set (on Debian: apt-get install v4l-utils), or leave camera.values out.'
        : 'Set it in the camera’s own program, and leave camera.values out.',
    values: { source },
  })
}

function startFfmpeg(settings: FfmpegCameraSettings, ffmpeg: Ffmpeg, events: StreamEvents): FrameStream {
  const { widthPx, heightPx, transport } = settings
  const frameBytes = rawBytes(transport, widthPx, heightPx)
  const program = new ChildProgram(ffmpeg.path, ffmpegArguments(settings, ffmpeg))
  let over = false
  const fail = (error: MedullaError) => {
    if (over) return
    over = true
    events.failed(error)
  }
  const reader = new NutReader(
    {
      stream: (stream) => {
        if (stream.widthPx !== widthPx || stream.heightPx !== heightPx) fail(otherSize(settings, stream))
      },
      frame: (data, stampMs) => {
        if (over) return
        // A source that changes its size in mid-stream: the frames no longer hold what the header says.
        if (data.length === frameBytes) events.frame(data, stampMs)
        else fail(otherSize(settings, null))
      },
    },
    // Room for a frame of an unexpected size to be read as such.
    Math.max(64 << 20, 2 * frameBytes),
  )
  program.output.on('data', (chunk: Buffer) => {
    if (over) return
    events.alive()
    try {
      reader.push(chunk)
    } catch (error) {
      if (!(error instanceof NutError)) throw error
      fail(garbled(settings, error))
    }
  })
  program.ended.then((end) => fail(endedBy(settings, ffmpeg, end)))
  return {
    stop: () => {
      over = true
      return program.stop()
    },
  }
}

function endedBy({ source }: FfmpegCameraSettings, { path }: Ffmpeg, end: ProgramEnd): MedullaError {
  if (end.missing) return noFfmpeg(path)
  const words = lastWords(end.words)
  const values = { source }
  if (/device or resource busy/i.test(end.words)) {
    return new MedullaError('device-taken', `Another program has the camera ${source}. ${words}`, {
      remedy: 'Close the other program, then try again.',
      values,
    })
  }
  if (/permission denied|operation not permitted/i.test(end.words)) {
    return new MedullaError('device-failed', `The camera ${source} may not be opened. ${words}`, {
      remedy: 'Give your account the right to use cameras (on Linux: the group video), then log in again.',
      values,
    })
  }
  if (
    /no such file|no such device|not find|could not open|cannot open|error opening|refused|i\/o error/i.test(end.words)
  ) {
    return new MedullaError('device-failed', `The camera ${source} cannot be opened. ${words}`, {
      remedy: 'Check that it is plugged in and named as `devices` lists it, then try again.',
      values,
    })
  }
  const how = end.signal ? `was ended by ${end.signal}` : `ended with status ${end.exitCode}`
  return new MedullaError('device-failed', `ffmpeg, which reads the camera ${source}, ${how}. ${words}`.trimEnd(), {
    remedy: 'Check the camera and its cable, and its part of the rig file; Medulla keeps trying.',
    values,
  })
}

/** The last line that says something, without the names of ffmpeg's parts and their addresses. */
function lastWords(words: string): string {
  const lines = words.split(/\r?\n/).filter((line) => line.trim() !== '')
  return (lines.at(-1) ?? '').replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\] ?/g, '')
}

function otherSize({ source, widthPx, heightPx }: FfmpegCameraSettings, got: NutStream | null): MedullaError {
  const sends = got ? `sends ${got.widthPx} x ${got.heightPx} pixels` : 'has changed the size of its frames'
  return new MedullaError('device-failed', `The camera ${source} ${sends}; the rig file has ${widthPx} x ${heightPx}`, {
    remedy: 'Write the size that the camera sends into the rig file (camera.widthPx, camera.heightPx).',
    values: { source, widthPx, heightPx },
  })
}

function garbled({ source }: FfmpegCameraSettings, cause: NutError): MedullaError {
  return new MedullaError(
    'device-failed',
    `What ffmpeg sends of the camera ${source} cannot be read: ${cause.message}`,
    { remedy: 'Try again; if it stays, use another version of ffmpeg.', values: { source } },
    { cause },
  )
}
