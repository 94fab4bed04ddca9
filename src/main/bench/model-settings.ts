import { modelVariant } from '../../shared/contract/models.ts'
import { MedullaError } from '../../shared/errors.ts'
import { isProvider, PROVIDERS } from '../inference/providers.ts'
import type { ModelSettings } from './models.ts'

/** What was asked for, else what MEDULLA_PRECISION and MEDULLA_PROVIDER say. Throws `invalid-input` for what these cannot be. */
export function modelSettings(
  asked: { readonly [K in keyof ModelSettings]?: ModelSettings[K] },
  { MEDULLA_PRECISION: precision, MEDULLA_PROVIDER: provider }: NodeJS.ProcessEnv = process.env,
): ModelSettings {
  if (precision && !modelVariant.safeParse(precision).success)
    throw unknown('MEDULLA_PRECISION', precision, modelVariant.options)
  if (provider && provider !== 'auto' && !isProvider(provider))
    throw unknown('MEDULLA_PROVIDER', provider, ['auto', ...PROVIDERS])
  return {
    model: asked.model ?? null,
    precision: asked.precision ?? (precision ? modelVariant.parse(precision) : null),
    provider: asked.provider ?? (provider && isProvider(provider) ? provider : 'auto'),
  }
}

function unknown(variable: string, value: string, values: readonly string[]): MedullaError {
  return new MedullaError('invalid-input', `${variable} is "${value}".`, {
    remedy: `Set it to one of ${values.join(', ')}, or leave it out.`,
    values: { [variable]: value },
  })
}
