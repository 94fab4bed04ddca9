import { MedullaError } from '../../../shared/errors.ts'

/** A model by its name, and its version where that has to be said. */
export interface ModelRef {
  readonly name: string
  /** null: whichever there is. */
  readonly version: string | null
}

/** Names and versions become names of folders: letters, digits, and . _ + - within; no name Windows keeps for itself. */
const PART = /^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9_+-])?$/
const KEPT_BY_WINDOWS = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

export function isStorable(part: string): boolean {
  return PART.test(part) && !KEPT_BY_WINDOWS.test(part)
}

/** NAME or NAME@VERSION. Throws `invalid-input`. */
export function parseModelRef(text: string): ModelRef {
  const [name, version, ...more] = text.split('@')
  if (isStorable(name!) && more.length === 0 && (version === undefined || isStorable(version))) {
    return { name: name!, version: version ?? null }
  }
  throw new MedullaError('invalid-input', `"${text}" does not name a model.`, {
    remedy: 'Name it as NAME or NAME@VERSION; "model list" shows what there is.',
    values: { model: text },
  })
}

export const refText = ({ name, version }: ModelRef): string => (version === null ? name : `${name}@${version}`)
