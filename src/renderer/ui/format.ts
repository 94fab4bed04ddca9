import { decimalsFor } from '../../shared/differential/decimals.ts'

/** Percent, or a ratio, with the decimals its interval supports; a dash where nothing was counted. */
export const percent = (value: number | null, low: number | null, high: number | null): string =>
  value === null ? '–' : value.toFixed(decimalsFor(low, high))

/** "0.5–2.4", "0.000–0.019"; an open upper end is said so; a dash where there is none. */
export function range(low: number | null, high: number | null): string {
  if (low === null) return '–'
  const decimals = decimalsFor(low, high)
  return `${low.toFixed(decimals)}–${high === null ? '∞' : high.toFixed(decimals)}`
}

/** Numbers as a reference range writes them: no more decimals than they have. */
export const referenceRange = (reference: { readonly low: number; readonly high: number } | null): string =>
  reference ? `${reference.low}–${reference.high}` : '–'

/** "02:10", with hours where there are some; null: cannot be told. */
export function clock(seconds: number | null): string | null {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return null
  const whole = Math.round(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

/** "1 cell", "12 cells". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Millimetres with micrometre digits, from micrometres: 12104.3 -> "12.104". */
export const millimetres = (um: number): string => (um / 1000).toFixed(3)

/** Micrometres with one decimal. */
export const micrometres = (um: number): string => um.toFixed(1)

/** Local date and time, short. */
export function moment(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Local time of day with seconds. */
export function timeOfDay(iso: string): string {
  const date = new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
