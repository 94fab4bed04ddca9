import { chanceOf } from './simulated-chance.ts'

/** How far a simulated stage is off the place that it counts; the same at every visit. */
export interface StageError {
  /** Of the drives: the largest there can be in x and in y, micrometres. It changes smoothly with the place; rms 0.42 of this. */
  readonly positionErrorUm: number
  /** Root mean square of what comes on top in x and in y, micrometres, and has nothing to do with what it is a field away. */
  readonly scatterUm: number
}

/** From one of the points that scatter is drawn for to the next: less than a field, more than a vibration. */
const SCATTER_UM = 40

/**
 * Off along one axis (0: x, 1: y), micrometres: the turn of the lead screw (1 mm), a slow wave, a slow wave across, and the scatter.
 * @param alongUm the place on this axis. @param acrossUm the place on the other.
 */
export function stageErrorUm(
  { positionErrorUm, scatterUm }: StageError,
  seed: number,
  axis: 0 | 1,
  alongUm: number,
  acrossUm: number,
): number {
  const phase = (wave: number) => 2 * Math.PI * chanceOf(seed, 3, axis, wave)
  const wave = (um: number, periodUm: number, index: number) => Math.sin((2 * Math.PI * um) / periodUm + phase(index))
  const sum = 0.4 * wave(alongUm, 1000, 0) + 0.4 * wave(alongUm, 7300, 1) + 0.2 * wave(acrossUm, 9100, 2)
  return positionErrorUm * sum + (scatterUm === 0 ? 0 : scatterUm * scatter(seed, axis, alongUm, acrossUm))
}

/** Mean 0 and standard deviation 1 everywhere: between four drawn points, weighted so that their mean is as wide as one of them. */
function scatter(seed: number, axis: number, alongUm: number, acrossUm: number): number {
  const [u, v] = [alongUm / SCATTER_UM, acrossUm / SCATTER_UM]
  const [i, j] = [Math.floor(u), Math.floor(v)]
  let sum = 0
  let squares = 0
  for (const [di, wi] of [[0, 1 - (u - i)] as const, [1, u - i] as const]) {
    for (const [dj, wj] of [[0, 1 - (v - j)] as const, [1, v - j] as const]) {
      sum += wi * wj * normalAt(seed, axis, i + di, j + dj)
      squares += (wi * wj) ** 2
    }
  }
  return sum / Math.sqrt(squares)
}

/** Mean 0, standard deviation 1, never beyond +-3. */
function normalAt(seed: number, axis: number, i: number, j: number): number {
  const uniform = (k: number) => chanceOf(seed, 5 + 3 * axis + k, i, j)
  return 2 * (uniform(0) + uniform(1) + uniform(2) - 1.5)
}
