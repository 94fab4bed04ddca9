import { MedullaError } from '../../shared/errors.ts'

export function missing(
  what: 'run' | 'case' | 'field' | 'cell' | 'reading' | 'calibration' | 'sitting' | 'overview',
  id: number,
): MedullaError {
  return new MedullaError('not-found', `There is no ${what} ${id} in this casebook.`, {
    remedy: 'List what is there with the command "cases", and check the data folder.',
    values: { [what]: id },
  })
}
