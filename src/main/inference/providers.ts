/** What can run a graph: the processor, or one of onnxruntime's ways to a graphics processor or accelerator. */
export const PROVIDERS = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const
export type Provider = (typeof PROVIDERS)[number]

/** A provider that was not taken, and why, in one sentence. */
export interface PassedOver {
  readonly provider: Provider
  readonly reason: string
}

/** As many crops as a graphics processor is given at once. */
export const GRAPHICS_BATCH = 32

/** Preferred first, by platform; the processor is always the last. */
const PREFERRED: Readonly<Record<string, readonly Provider[]>> = {
  linux: ['cuda', 'webgpu'],
  win32: ['dml', 'webgpu'],
  darwin: ['coreml', 'webgpu'],
}

/** The providers worth trying here, best first: those of the platform that this build of onnxruntime knows. */
export function candidates(platform: NodeJS.Platform, known: readonly string[]): Provider[] {
  return [...(PREFERRED[platform] ?? []).filter((provider) => known.includes(provider)), 'cpu']
}

export function isProvider(text: string): text is Provider {
  return (PROVIDERS as readonly string[]).includes(text)
}
