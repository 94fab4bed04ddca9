import { z } from 'zod'

/** Cameras there is a driver for, as a rig file names them. */
export const CAMERA_KINDS = ['simulated', 'ffmpeg', 'aravis', 'folder'] as const
export type CameraKind = (typeof CAMERA_KINDS)[number]

/**
 * What may be set on a camera that has it. exposureMs: milliseconds. gain: decibels with `aravis`, the camera's own unit elsewhere.
 * whiteBalanceK: kelvins. redRatio, blueRatio: gain of the channel over that of green.
 */
export const CAMERA_CONTROLS = ['exposureMs', 'gain', 'whiteBalanceK', 'redRatio', 'blueRatio'] as const
export type CameraControl = (typeof CAMERA_CONTROLS)[number]

/** Set when the camera is opened; absent: left as it is. */
export const controlValues = z.strictObject({
  exposureMs: z.number().positive().optional(),
  gain: z.number().optional(),
  whiteBalanceK: z.number().positive().optional(),
  redRatio: z.number().positive().optional(),
  blueRatio: z.number().positive().optional(),
})
export type ControlValues = z.infer<typeof controlValues>

const sidePx = z.number().int().min(16).max(20_000)

/** What a rig file says of every real camera. */
const real = {
  /** Micrometres of the slide under one pixel; null: not known. */
  pixelSizeUm: z.number().positive().nullable().default(null),
  /**
   * Longest time from the start of an exposure to the moment its frame is stamped (with `ffmpeg` and `aravis`: by the camera or the
   * system) or written (`folder`), milliseconds. A frame counts as exposed that much before its stamp. null: as the driver assumes.
   */
  latencyMs: z.number().min(0).max(60_000).nullable().default(null),
}

/**
 * A simulated camera in front of a simulated smear. It looks where an emulated controller of the same driver stands, which answers at
 * the other end of the line, `emulator`.
 */
export const simulatedCamera = z.strictObject({
  kind: z.literal('simulated'),
  profile: z.enum(['normal', 'aml', 'myeloma', 'cll', 'eosinophilia', 'needle']).default('normal'),
  seed: z.number().int().min(0).default(1),
  /** 10: the emulated stage and the camera take a tenth of the time. */
  timeScale: z.number().positive().max(1000).default(1),
  emulator: z.string().min(1),
  /** Seed of how it is put together: turned, mirrored and skewed, unevenly lit, with pixels of a size that it does not tell. null: along the stage's axes. */
  mount: z.number().int().min(0).nullable().default(null),
  /**
   * A file that stands for its cable: while it is not there the camera is gone, while it says `hangs` the camera gives its newest image again and again.
   * null: it cannot be pulled.
   */
  cable: z.string().min(1).nullable().default(null),
})

/** Whatever ffmpeg opens: UVC cameras, frame grabbers, network cameras, its synthetic sources. */
export const ffmpegCamera = z.strictObject({
  kind: z.literal('ffmpeg'),
  ...real,
  /** ffmpeg's input: v4l2 (Linux), dshow (Windows), avfoundation (macOS), lavfi (synthetic); null: by the source (network, file). */
  format: z.string().regex(/^\w+$/, 'the name of one of ffmpeg’s inputs').nullable().default(null),
  /** /dev/video0, video=NAME, 0, rtsp://...: what ffmpeg calls the input. */
  source: z.string().min(1).max(2000),
  widthPx: sidePx,
  heightPx: sidePx,
  framesPerS: z.number().positive().max(1000),
  /** How the camera sends its frames: mjpeg, yuyv422 and others; null: as ffmpeg chooses. */
  inputFormat: z.string().regex(/^\w+$/, 'the name of a codec or pixel format').nullable().default(null),
  /** How frames travel from ffmpeg to Medulla: rgb24 keeps all colour, nv12 is half the data, gray a third. */
  transport: z.enum(['rgb24', 'nv12', 'yuv420p', 'gray']).default('rgb24'),
  /** Sources that are as fast as they are read (files, synthetic ones) are read at their own rate; null: lavfi and files are. */
  paced: z.boolean().nullable().default(null),
  values: controlValues.prefault({}),
})
export type FfmpegCameraSettings = z.infer<typeof ffmpegCamera>

/** GigE Vision and USB3 Vision cameras through Aravis and GStreamer. */
export const aravisCamera = z.strictObject({
  kind: z.literal('aravis'),
  ...real,
  /** As `devices` lists it; null: the only one there is. */
  camera: z
    .string()
    .regex(/^[\w.:+-][\w .:+-]*$/, 'letters, digits, spaces and . : + - _')
    .nullable()
    .default(null),
  widthPx: sidePx,
  heightPx: sidePx,
  /** Upper left corner of the part of the sensor that is read. */
  offsetXPx: z.number().int().min(0).default(0),
  offsetYPx: z.number().int().min(0).default(0),
  framesPerS: z.number().positive().max(1000),
  /** As the camera sends them. Colours under a Bayer filter are interpolated here. */
  pixelFormat: z.enum(['mono8', 'rgb8', 'bayer-rg8', 'bayer-gr8', 'bayer-gb8', 'bayer-bg8']).default('mono8'),
  /** Bytes of one packet of a GigE camera, as the network carries them (9000 with jumbo frames); null: as the camera has it. */
  packetSizeBytes: z.number().int().min(576).max(16_000).nullable().default(null),
  values: controlValues.omit({ whiteBalanceK: true }).prefault({}),
  /** Further settings by their GenICam names, made before the acquisition begins. */
  features: z
    .record(
      z.string().regex(/^[A-Za-z]\w*$/, 'the name of a GenICam feature'),
      z.union([z.number(), z.boolean(), z.string().regex(/^[\w.+-]+$/, 'letters, digits and . + - _')]),
    )
    .default({}),
})
export type AravisCameraSettings = z.infer<typeof aravisCamera>

/** Images that the camera's own program writes into a folder, one file a frame. */
export const folderCamera = z.strictObject({
  kind: z.literal('folder'),
  ...real,
  /** The folder's absolute path. JPEG, PNG and TIFF. */
  images: z.string().min(1),
  widthPx: sidePx,
  heightPx: sidePx,
  /** Longest time until the next image has to be there. */
  timeoutMs: z.number().positive().max(3_600_000).default(30_000),
})
export type FolderCameraSettings = z.infer<typeof folderCamera>

export const rigCamera = z.discriminatedUnion('kind', [simulatedCamera, ffmpegCamera, aravisCamera, folderCamera])
export type RigCamera = z.infer<typeof rigCamera>
/** A camera that needs nothing of the rig but itself. */
export type RealCamera = Exclude<RigCamera, { kind: 'simulated' }>
