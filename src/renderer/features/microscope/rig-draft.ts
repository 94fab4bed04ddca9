import { CAMERA_KINDS, type CameraKind } from '../../../shared/contract/camera.ts'
import { STAGE_DRIVERS, type StageDriver } from '../../../shared/contract/rig.ts'

/** What the wizard's fields hold: text, as typed. */
export interface RigDraft {
  readonly name: string
  readonly driver: StageDriver
  readonly port: string
  readonly baud: string
  /** JSON; empty: none. */
  readonly options: string
  readonly limits: Readonly<Record<'x' | 'y' | 'z', { readonly min: string; readonly max: string }>>
  readonly retractedZUm: string
  readonly speedXy: string
  readonly speedZ: string
  readonly camera: CameraKind
  readonly emulator: string
  readonly format: string
  readonly source: string
  readonly aravisCamera: string
  readonly images: string
  readonly widthPx: string
  readonly heightPx: string
  readonly framesPerS: string
  readonly pixelSizeUm: string
  readonly workingZUm: string
}

export const NEW_DRAFT: RigDraft = {
  name: '',
  driver: 'asi',
  port: '',
  baud: '',
  options: '',
  // What keeps the objective off the glass is for the person to say who looks at it.
  limits: { x: { min: '', max: '' }, y: { min: '', max: '' }, z: { min: '', max: '' } },
  retractedZUm: '',
  speedXy: '10',
  speedZ: '1',
  camera: 'ffmpeg',
  emulator: '',
  format: 'v4l2',
  source: '/dev/video0',
  aravisCamera: '',
  images: '',
  widthPx: '1920',
  heightPx: '1080',
  framesPerS: '30',
  pixelSizeUm: '',
  workingZUm: '',
}

export const DRIVER_NAMES: Readonly<Record<StageDriver, string>> = {
  asi: 'ASI MS-2000 or Tiger',
  prior: 'Prior ProScan',
  tango: 'Maerzhaeuser TANGO',
  zaber: 'Zaber',
  grbl: 'GRBL',
  marlin: 'Marlin',
  sangaboard: 'Sangaboard (OpenFlexure)',
  ludl: 'Ludl MAC',
  uc2: 'UC2',
}
export const CAMERA_NAMES: Readonly<Record<CameraKind, string>> = {
  ffmpeg: 'USB or network camera (ffmpeg)',
  aravis: 'GigE or USB3 Vision (Aravis)',
  folder: 'Folder its own program writes into',
  simulated: 'Simulated',
}
export const DRIVER_CHOICES = STAGE_DRIVERS.map((driver) => [driver, DRIVER_NAMES[driver]] as const)
export const CAMERA_CHOICES = CAMERA_KINDS.map((kind) => [kind, CAMERA_NAMES[kind]] as const)

/** What a driver has to be told that its controller cannot tell; where there is such a thing. */
export const OPTION_EXAMPLES: Partial<Record<StageDriver, string>> = {
  zaber:
    '{"x": {"device": 1, "axis": 1, "microstepUm": 0.124}, "y": {"device": 1, "axis": 2, "microstepUm": 0.124}, "z": {"device": 2, "axis": 1, "microstepUm": 0.02}}',
  sangaboard: '{"stepUm": {"x": 0.1, "y": 0.1, "z": 0.05}}',
  uc2: '{"stepUm": {"x": 0.3125, "y": 0.3125, "z": 0.3125}}',
}

/** Empty: undefined. What is no number stays text, which the check names in its place. */
function number(text: string): number | string | undefined {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return undefined
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : text
}

function optionsOf(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The rig file's text that the wizard's fields stand for; whether it is as it should be is the bench's to say. */
export function textOfDraft(draft: RigDraft): string {
  const limits = Object.fromEntries(
    (['x', 'y', 'z'] as const).map((axis) => [
      axis,
      { minUm: number(draft.limits[axis].min), maxUm: number(draft.limits[axis].max) },
    ]),
  )
  const rig = {
    schema: 1,
    name: draft.name.trim(),
    stage: {
      driver: draft.driver,
      port: draft.port.trim(),
      baud: number(draft.baud),
      options: optionsOf(draft.options),
      settings: {
        limits,
        retractedZUm: number(draft.retractedZUm),
        speedXyMmPerS: number(draft.speedXy),
        speedZMmPerS: number(draft.speedZ),
      },
    },
    camera: cameraOf(draft),
    workingZUm: number(draft.workingZUm),
  }
  return JSON.stringify(rig, null, 2)
}

function cameraOf(draft: RigDraft): unknown {
  const size = { widthPx: number(draft.widthPx), heightPx: number(draft.heightPx) }
  const pixelSizeUm = number(draft.pixelSizeUm) ?? null
  switch (draft.camera) {
    case 'simulated':
      return { kind: 'simulated', emulator: draft.emulator.trim() }
    case 'ffmpeg':
      return {
        kind: 'ffmpeg',
        pixelSizeUm,
        format: draft.format.trim() || null,
        source: draft.source.trim(),
        ...size,
        framesPerS: number(draft.framesPerS),
      }
    case 'aravis':
      return {
        kind: 'aravis',
        pixelSizeUm,
        camera: draft.aravisCamera.trim() || null,
        ...size,
        framesPerS: number(draft.framesPerS),
      }
    case 'folder':
      return { kind: 'folder', pixelSizeUm, images: draft.images.trim(), ...size }
  }
}
