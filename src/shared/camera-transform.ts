import { type StageUm, stageUm } from './geometry.ts'

/**
 * How the camera sees the stage: a step of (right, down) pixels in the image is one of (xx right + xy down, yx right + yy down)
 * micrometres on the stage's axes. Pixel size, rotation, mirror and skew in one.
 */
export interface CameraTransform {
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
}

/** The same in words. `cameraTransform` makes a transform of it, `cameraPose` the other way round. */
export interface CameraPose {
  /** Micrometres a pixel: the root of the area of one pixel on the slide. */
  readonly pixelSizeUm: number
  /** From the stage's axes to the image's, after the mirror is taken out; -180 to 180. */
  readonly rotationDegrees: number
  /** Left and right are changed over. Up and down changed over is the same and half a turn. */
  readonly mirrored: boolean
  /** How far the image's axes are from a right angle on the stage: of the stage's own axes, mostly. */
  readonly skewDegrees: number
  /** Size of a pixel along the image's x over its size along y. */
  readonly aspect: number
}

const DEGREES = 180 / Math.PI

/** A camera that looks along the stage's axes. */
export function straightTransform(pixelSizeUm: number): CameraTransform {
  return { xx: pixelSizeUm, xy: 0, yx: 0, yy: pixelSizeUm }
}

export function determinant({ xx, xy, yx, yy }: CameraTransform): number {
  return xx * yy - xy * yx
}

/** Pixels from the middle of the image to micrometres from where the stage stands. */
export function imageToStage(transform: CameraTransform, rightPx: number, downPx: number): StageUm {
  const { xx, xy, yx, yy } = transform
  return stageUm(xx * rightPx + xy * downPx, yx * rightPx + yy * downPx)
}

/** The other way round. @throws RangeError for a transform without area. */
export function stageToImage(transform: CameraTransform, xUm: number, yUm: number): { x: number; y: number } {
  const { xx, xy, yx, yy } = inverse(transform)
  return { x: xx * xUm + xy * yUm, y: yx * xUm + yy * yUm }
}

export function inverse(transform: CameraTransform): CameraTransform {
  const area = determinant(transform)
  if (!(Math.abs(area) > 0)) throw new RangeError('a camera transform without area')
  const { xx, xy, yx, yy } = transform
  return { xx: yy / area, xy: -xy / area, yx: -yx / area, yy: xx / area }
}

/** First `inner`, then `outer`. */
export function chain(outer: CameraTransform, inner: CameraTransform): CameraTransform {
  return {
    xx: outer.xx * inner.xx + outer.xy * inner.yx,
    xy: outer.xx * inner.xy + outer.xy * inner.yy,
    yx: outer.yx * inner.xx + outer.yy * inner.yx,
    yy: outer.yx * inner.xy + outer.yy * inner.yy,
  }
}

/**
 * Mirror, then skew and aspect shared evenly between the axes, then rotation: so the rotation is that of the two axes' middle, and a
 * skew turns neither of them more than the other.
 */
export function cameraTransform(pose: CameraPose): CameraTransform {
  const { pixelSizeUm, rotationDegrees, mirrored, skewDegrees, aspect } = pose
  const turn = rotationDegrees / DEGREES
  const half = skewDegrees / DEGREES / 2
  // The axes lie 90 degrees less the skew apart; each is longer by so much that a pixel keeps its area.
  const length = pixelSizeUm / Math.sqrt(Math.cos(2 * half))
  const [along, down] = [length * Math.sqrt(aspect), length / Math.sqrt(aspect)]
  const side = mirrored ? -1 : 1
  return {
    xx: side * along * Math.cos(turn + half),
    yx: side * along * Math.sin(turn + half),
    xy: -down * Math.sin(turn - half),
    yy: down * Math.cos(turn - half),
  }
}

/** @throws RangeError for a transform without area. */
export function cameraPose(transform: CameraTransform): CameraPose {
  const area = determinant(transform)
  if (!(Math.abs(area) > 0)) throw new RangeError('a camera transform without area')
  const side = area < 0 ? -1 : 1
  const right = { x: side * transform.xx, y: side * transform.yx }
  const rightAngle = Math.atan2(right.y, right.x)
  // Where the image's x would point if the axes stood at right angles and y were true.
  const downAngle = Math.atan2(-transform.xy, transform.yy)
  const skew = wrapped(rightAngle - downAngle)
  return {
    pixelSizeUm: Math.sqrt(Math.abs(area)),
    rotationDegrees: wrapped(downAngle + skew / 2) * DEGREES,
    mirrored: area < 0,
    skewDegrees: skew * DEGREES,
    aspect: Math.hypot(right.x, right.y) / Math.hypot(transform.xy, transform.yy),
  }
}

/** From one angle to another the short way, degrees, -180 to 180. */
export function turnBetween(fromDegrees: number, toDegrees: number): number {
  return wrapped((toDegrees - fromDegrees) / DEGREES) * DEGREES
}

function wrapped(radians: number): number {
  return Math.atan2(Math.sin(radians), Math.cos(radians))
}
