import { InvalidArgumentError } from 'commander'

const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function finite(text: string): number {
  const value = PLAIN_NUMBER.test(text.trim()) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.')
  return value
}

/** Greater than zero. */
export function positive(text: string): number {
  const value = finite(text)
  if (value <= 0) throw new InvalidArgumentError('It must be greater than 0.')
  return value
}

/** A whole number within bounds. */
export function whole(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = finite(text)
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      const bounds = maximum === Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : `between ${minimum} and ${maximum}`
      throw new InvalidArgumentError(`It must be a whole number, ${bounds}.`)
    }
    return value
  }
}

/** Counted cells at which a run stops; `all`: null, the whole region or folder. */
export function cellTarget(text: string): number | null {
  return text === 'all' ? null : whole(1)(text)
}

/** As `pixelSize`, or auto. */
export function pixelSizeOrAuto(text: string): number | 'auto' {
  return text === 'auto' ? text : pixelSize(text)
}

/** Micrometres a pixel. */
export function pixelSize(text: string): number {
  try {
    return positive(text)
  } catch {
    throw new InvalidArgumentError(
      'It must be the micrometres one pixel covers on the slide, greater than 0, for example 0.092; or, where the command says so, auto.',
    )
  }
}
