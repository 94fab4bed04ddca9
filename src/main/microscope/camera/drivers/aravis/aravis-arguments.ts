import type { AravisCameraSettings } from '../../../../../shared/contract/camera.ts'
import type { CameraValues } from '../../camera.ts'

/** Frames that Aravis may hold ready: enough for a short pause of this computer, too few to grow old in. */
const BUFFERS = 10

/** As GStreamer calls them. */
const CAPS: Readonly<Record<AravisCameraSettings['pixelFormat'], string>> = {
  mono8: 'video/x-raw,format=GRAY8',
  rgb8: 'video/x-raw,format=RGB',
  'bayer-rg8': 'video/x-bayer,format=rggb',
  'bayer-gr8': 'video/x-bayer,format=grbg',
  'bayer-gb8': 'video/x-bayer,format=gbrg',
  'bayer-bg8': 'video/x-bayer,format=bggr',
}

/**
 * gst-launch-1.0's arguments: frames on file descriptor 3, and on standard output, because of `identity`, a line for each with its time
 * stamp. The rig file's schema keeps names and features free of what gst-launch would take for its own syntax.
 */
export function aravisArguments(camera: AravisCameraSettings, values: CameraValues): string[] {
  const { widthPx, heightPx, offsetXPx, offsetYPx, framesPerS, pixelFormat, packetSizeBytes } = camera
  const features = featuresOf(camera, values)
  return [
    ...['-v', 'aravissrc', `num-arv-buffers=${BUFFERS}`],
    ...(camera.camera === null ? [] : [`camera-name=${camera.camera}`]),
    ...(packetSizeBytes === null ? [] : [`packet-size=${packetSizeBytes}`]),
    ...(offsetXPx ? [`offset-x=${offsetXPx}`] : []),
    ...(offsetYPx ? [`offset-y=${offsetYPx}`] : []),
    ...(values.exposureMs === null ? [] : ['exposure-auto=off', `exposure=${values.exposureMs * 1000}`]),
    ...(values.gain === null ? [] : ['gain-auto=off', `gain=${values.gain}`]),
    ...(features.length > 0 ? [`features=${features.join(' ')}`] : []),
    ...['!', `${CAPS[pixelFormat]},width=${widthPx},height=${heightPx},framerate=${fraction(framesPerS)}`],
    ...['!', 'identity', 'silent=false', '!', 'fdsink', 'fd=3', 'sync=false'],
  ]
}

function featuresOf({ features }: AravisCameraSettings, { redRatio, blueRatio }: CameraValues): string[] {
  const ratio = (colour: string, value: number | null) =>
    value === null ? [] : [`BalanceRatioSelector=${colour}`, `BalanceRatio=${value}`]
  return [
    ...Object.entries(features).map(([name, value]) => `${name}=${value}`),
    ...ratio('Red', redRatio),
    ...ratio('Blue', blueRatio),
  ]
}

/** GStreamer takes rates as fractions: to a thousandth. */
const fraction = (rate: number) => (Number.isInteger(rate) ? `${rate}/1` : `${Math.round(rate * 1000)}/1000`)
