import { MedullaError } from '../../../shared/errors.ts'
import type { LineFault } from './line/line-fault.ts'
import type { Axis } from './protocol.ts'
import type { AxisLimits } from './stage.ts'

/** A fault of the line as an error for people. @param motionPossible something was sent that may have moved the stage. */
export function stageError(fault: LineFault, title: string, port: string, motionPossible: boolean): MedullaError {
  const failed = (message: string, remedy: string) =>
    new MedullaError('device-failed', message, { remedy, motionPossible, values: { port } }, { cause: fault })
  switch (fault.kind) {
    case 'timeout':
      return failed(
        `The stage controller (${title} on ${port}) does not answer`,
        'Check that the controller is switched on and its cable sits, then try again.',
      )
    case 'garbled':
      return failed(
        `What comes from the stage controller (${title} on ${port}) makes no sense. ${fault.message}`,
        'Close other programs that use this port, check the cable and the baud rate, then try again.',
      )
    case 'lost':
    case 'missing':
      return failed(
        `The line to the stage controller (${title} on ${port}) was lost`,
        'Plug the stage controller in again, then try again.',
      )
    case 'forbidden':
      return failed(
        `${port} may not be opened: ${fault.message}`,
        'Give your account the right to use serial ports (on Linux: the group dialout), then log in again.',
      )
    case 'taken':
      return new MedullaError(
        'device-taken',
        `Another program has ${port}, the port of the stage controller`,
        { remedy: 'Close the other program, then try again.', motionPossible, values: { port } },
        { cause: fault },
      )
    case 'refused':
      return failed(
        `The stage controller (${title} on ${port}) refused: ${fault.message}`,
        'Look at the controller and the limits in the rig file; home the stage if it asks for it.',
      )
    case 'other-device':
      return failed(fault.message, 'Plug the stage controller back into its port, or correct the rig file.')
    case 'restarted':
      return positionUnknown('The stage controller has been reset and has forgotten where the stage is', motionPossible)
    case 'interrupted':
      return failed('The stage was halted', 'Start the move again if it is still wanted.')
    case 'closed':
      return failed('The stage is closed', 'Open the microscope again.')
  }
}

export function positionUnknown(message: string, motionPossible: boolean): MedullaError {
  return new MedullaError('position-unknown', message, {
    remedy: 'See that the objective is clear of the slide, then home the stage.',
    motionPossible,
  })
}

export function outOfLimits(axis: Axis, um: number, { minUm, maxUm }: AxisLimits): MedullaError {
  return new MedullaError(
    'position-out-of-limits',
    `The stage was asked for ${axis} = ${um} um; it may go from ${minUm} to ${maxUm} um`,
    {
      remedy: 'Choose a position within the limits of the stage.',
      motionPossible: false,
      values: { axis, um, minUm, maxUm },
    },
  )
}
