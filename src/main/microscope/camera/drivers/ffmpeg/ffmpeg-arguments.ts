import { existsSync } from 'node:fs'
import type { FfmpegCameraSettings } from '../../../../../shared/contract/camera.ts'
import type { Ffmpeg } from './ffmpeg-program.ts'

/** Inputs whose frames carry the time of this computer's monotonic clock. Others have a clock of their own. */
const HOST_CLOCK_FORMATS = ['v4l2', 'avfoundation']

export const hasHostClock = ({ format }: FfmpegCameraSettings) => format !== null && HOST_CLOCK_FORMATS.includes(format)

const isFile = ({ format, source }: FfmpegCameraSettings) => format === null && existsSync(source)

/**
 * Raw frames in a NUT stream on standard output, with the stamps of the source (`-copyts`), none left out or repeated to keep a rate.
 * Sources: ffmpeg's manuals ("ffmpeg", "ffmpeg-devices", "ffmpeg-formats").
 */
export function ffmpegArguments(camera: FfmpegCameraSettings, { passThrough }: Pick<Ffmpeg, 'passThrough'>): string[] {
  const { source, transport } = camera
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
    ...['-copyts', '-fflags', 'nobuffer'],
    ...pace(camera),
    ...input(camera),
    ...['-i', source],
    ...['-map', '0:v:0', '-vf', filter(transport), '-c:v', 'rawvideo', '-pix_fmt', transport],
    ...passThrough,
    // Frames are stamped to the microsecond, not to a whole number of frames.
    ...['-enc_time_base', '1:1000000', '-flush_packets', '1', '-f', 'nut', '-write_index', '0', 'pipe:1'],
  ]
}

/** What is as fast as it is read is read at its own rate; a file begins anew at its end. */
function pace(camera: FfmpegCameraSettings): string[] {
  const file = isFile(camera)
  const paced = camera.paced ?? (file || camera.format === 'lavfi')
  return [...(paced ? ['-re'] : []), ...(file ? ['-stream_loop', '-1'] : [])]
}

function input({ format, widthPx, heightPx, framesPerS, inputFormat }: FfmpegCameraSettings): string[] {
  if (format === null) return []
  const size = ['-video_size', `${widthPx}x${heightPx}`, '-framerate', String(framesPerS)]
  switch (format) {
    case 'v4l2':
      return ['-f', 'v4l2', '-timestamps', 'default', ...size, ...(inputFormat ? ['-input_format', inputFormat] : [])]
    case 'avfoundation':
      return ['-f', 'avfoundation', ...size, ...(inputFormat ? ['-pixel_format', inputFormat] : [])]
    case 'dshow':
      // Compressed formats are codecs to DirectShow, the others pixel formats.
      return [
        '-f',
        'dshow',
        ...size,
        ...(inputFormat ? [isCodec(inputFormat) ? '-vcodec' : '-pixel_format', inputFormat] : []),
      ]
    default:
      return ['-f', format]
  }
}

const isCodec = (name: string) => ['mjpeg', 'h264', 'hevc'].includes(name)

/**
 * Colours as `pixels.ts` takes them: full range, and the matrix of BT.601 where there is one. Sizes are never changed. To RGB ffmpeg
 * goes its quick way: the exact one (accurate_rnd) takes six times as long for a level of 255.
 */
function filter(transport: FfmpegCameraSettings['transport']): string {
  switch (transport) {
    case 'rgb24':
      return 'format=rgb24'
    case 'gray':
      return 'scale=out_range=pc,format=gray'
    default:
      return `scale=out_color_matrix=bt601:out_range=pc,format=${transport}`
  }
}
