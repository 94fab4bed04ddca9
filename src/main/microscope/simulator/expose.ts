import type { GridPlace } from './grid-place.ts'
import type { LightPlane } from './optics.ts'
import { GAIN_STEPS, LIGHT_STEPS, LIGHT_TOP, Sensor } from './sensor.ts'
import type { RenderRequest } from './world.ts'

/** Takes the row weights (8 bits) and the brightness (`GAIN_STEPS`) out again. */
const MIX = 1 / (256 * GAIN_STEPS)

/** Samples the light between the grid's pixels (bilinear) and lets the sensor see it. */
export function expose(
  plane: LightPlane,
  request: RenderRequest,
  top: number,
  bottom: number,
  out: Uint8Array,
  grid: { readonly x0: number; readonly y0: number; readonly step: number; readonly scale: number },
): void {
  const { widthPx, heightPx } = request
  const sensor = new Sensor(widthPx, heightPx, request.effects)
  // Position p on the fine grid is (p - (scale - 1) / 2) / scale on a grid halved log2(scale) times.
  const place = (p: number, size: number) =>
    Math.max(0, Math.min(size - 1.001, (p - (grid.scale - 1) / 2) / grid.scale))
  const columns = new Int32Array(widthPx)
  const weights = new Int32Array(widthPx)
  for (let x = 0; x < widthPx; x++) {
    const p = place(grid.x0 + x * grid.step, plane.width)
    columns[x] = Math.floor(p) * 3
    weights[x] = Math.round((p - Math.floor(p)) * 256)
  }
  const { data, width } = plane
  const stride = width * 3
  const loss = Int32Array.from({ length: width }, (_, i) =>
    sensor.columnLoss((i * grid.scale + (grid.scale - 1) / 2 - grid.x0) / grid.step),
  )
  const mixed = new Int32Array(stride)
  const { light, black, overdriven } = lightOf(request)
  const pixels = new Uint8ClampedArray(out.buffer, out.byteOffset, out.byteLength)
  for (let y = top; y < bottom; y++) {
    const p = place(grid.y0 + y * grid.step, plane.height)
    const above = Math.floor(p) * stride
    const w = Math.round((p - Math.floor(p)) * 256)
    const v = 256 - w
    const gain = GAIN_STEPS - sensor.rowLoss(y)
    for (let x = 0, i = 0, a = above, b = above + stride; x < width; x++, i += 3, a += 3, b += 3) {
      const bright = gain - loss[x]!
      const upper = bright * v
      const lower = bright * w
      mixed[i] = (data[a]! * upper + data[b]! * lower) * light[0] + black
      mixed[i + 1] = (data[a + 1]! * upper + data[b + 1]! * lower) * light[1] + black
      mixed[i + 2] = (data[a + 2]! * upper + data[b + 2]! * lower) * light[2] + black
    }
    if (overdriven) clip(mixed)
    sensor.expose(mixed, columns, weights, y, request.noiseSeed, pixels, y * widthPx * 3)
  }
}

/** The same for a camera that does not look along the grid: every pixel asks for a place of its own. */
export function exposeTurned(
  plane: LightPlane,
  request: RenderRequest,
  top: number,
  bottom: number,
  out: Uint8Array,
  place: GridPlace,
  scale: number,
): void {
  const { widthPx, heightPx } = request
  const sensor = new Sensor(widthPx, heightPx, request.effects)
  const { data, width, height } = plane
  const stride = width * 3
  const { light, black, overdriven } = lightOf(request)
  const columns = Int32Array.from({ length: widthPx }, (_, x) => 3 * x)
  const weights = new Int32Array(widthPx)
  const loss = Int32Array.from({ length: widthPx }, (_, x) => sensor.columnLoss(x))
  const mixed = new Int32Array(3 * (widthPx + 1))
  const pixels = new Uint8ClampedArray(out.buffer, out.byteOffset, out.byteLength)
  const shift = (scale - 1) / 2
  for (let y = top; y < bottom; y++) {
    const gain = GAIN_STEPS - sensor.rowLoss(y)
    const startX = (place.x0 + place.xy * y - shift) / scale
    const startY = (place.y0 + place.yy * y - shift) / scale
    for (let x = 0, i = 0; x < widthPx; x++, i += 3) {
      const px = Math.max(0, Math.min(width - 1.001, startX + (place.xx * x) / scale))
      const py = Math.max(0, Math.min(height - 1.001, startY + (place.yx * x) / scale))
      const column = Math.floor(px)
      const row = Math.floor(py)
      const u = px - column
      const v = py - row
      const bright = (gain - loss[x]!) * 256
      const a = row * stride + column * 3
      const b = a + stride
      const [aa, ab, ba, bb] = [(1 - u) * (1 - v) * bright, u * (1 - v) * bright, (1 - u) * v * bright, u * v * bright]
      for (let c = 0; c < 3; c++) {
        const sum = data[a + c]! * aa + data[a + c + 3]! * ab + data[b + c]! * ba + data[b + c + 3]! * bb
        mixed[i + c] = sum * light[c]! + black
      }
    }
    if (overdriven) clip(mixed)
    sensor.expose(mixed, columns, weights, y, request.noiseSeed, pixels, y * widthPx * 3)
  }
}

/** What lamp and camera make of the light, by channel, with the row weights and the brightness taken out again. */
function lightOf({ effects }: RenderRequest) {
  const light = effects.tint.map((channel) => MIX * effects.light * channel) as [number, number, number]
  const overdriven = Math.max(...effects.tint) * effects.light > 1 || effects.blackLevel > 0
  return { light, black: effects.blackLevel * LIGHT_STEPS, overdriven }
}

function clip(light: Int32Array): void {
  for (let i = 0; i < light.length; i++) if (light[i]! > LIGHT_TOP) light[i] = LIGHT_TOP
}
