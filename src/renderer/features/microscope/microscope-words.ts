import type { MicroscopeView } from '../../../shared/contract/microscope.ts'

const STAGE_STATES: Readonly<Record<NonNullable<MicroscopeView['stage']>['state'], string>> = {
  idle: 'standing still',
  moving: 'moving',
  homing: 'homing',
  unreferenced: 'does not know where it is: see that the objective is clear, then home it',
  disconnected: 'does not answer',
  closed: 'closed',
}

/** What the microscope is doing, in one sentence's worth of words. */
export function activityWords(view: MicroscopeView): string {
  if (view.connecting) return 'Connecting…'
  if (view.holder === 'scan') return 'A scan has the microscope.'
  if (view.holder === 'task') return view.activity ?? 'Busy.'
  if (!view.stage) return 'No microscope is connected.'
  const { state } = view.stage
  if (view.activity && (state === 'idle' || state === 'moving')) return `Stage ${view.activity}.`
  return `Stage ${STAGE_STATES[state]}.`
}
