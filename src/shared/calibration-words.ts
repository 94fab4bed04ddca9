import type { CalibrationKind, CalibrationResult } from './contract/calibration.ts'

/** What each kind is called, and what it needs, for the person at the bench. */
export const CALIBRATION_WORDS: Readonly<Record<CalibrationKind, { readonly title: string; readonly needs: string }>> =
  {
    'pixel-size': {
      title: 'Pixel size and mounting',
      needs: 'Put in a smear and focus on a place with many cells. The stage moves about half a millimetre each way.',
    },
    'dark-frame': {
      title: 'Dark frame',
      needs: 'Switch the lamp off or cover the light. Nothing moves.',
    },
    'flat-field': {
      title: 'Flat field',
      needs: 'Move to clear glass beside the smear, lamp and exposure set as for scanning.',
    },
    'white-balance': {
      title: 'White balance',
      needs: 'Move to clear glass beside the smear, lamp and exposure set as for scanning.',
    },
    backlash: {
      title: 'Backlash',
      needs: 'Put in a smear and focus on a place with many cells. The stage comes to the same place from both sides.',
    },
    settle: {
      title: 'Settling time',
      needs: 'Put in a smear and focus on a place with many cells. The stage moves to and fro by a field.',
    },
    limits: {
      title: 'Travel limits',
      needs:
        'Clear the stage. The objective retracts, then the stage goes as far as the rig file allows, or as it can.',
    },
  }

const um = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} µm`

/** The value with its error, in one line. */
export function calibrationValue(result: CalibrationResult): string {
  switch (result.kind) {
    case 'pixel-size': {
      const { pixelSizeUm, pixelSizeErrorPercent, rotationDegrees, rotationErrorDegrees, mirrored, skewDegrees } =
        result
      return (
        `${pixelSizeUm.toFixed(5)} µm/px ± ${pixelSizeErrorPercent.toFixed(3)} %, turned ${rotationDegrees.toFixed(2)}° ± ` +
        `${rotationErrorDegrees.toFixed(3)}°, ${mirrored ? 'mirrored' : 'not mirrored'}, skew ${skewDegrees.toFixed(2)}°`
      )
    }
    case 'dark-frame': {
      const level = Math.max(...result.level).toFixed(1)
      return `level ${level} of 255, noise ${result.noiseLevels.toFixed(2)}, ${result.stuck.length} stuck pixels`
    }
    case 'flat-field':
      return `darkest part ${result.darkestPercent.toFixed(1)} % of the brightest, evened to ± ${result.errorPercent.toFixed(2)} %`
    case 'white-balance':
      return `red ${result.gains[0].toFixed(3)}, green ${result.gains[1].toFixed(3)}, blue ${result.gains[2].toFixed(3)} ± ${result.errorPercent.toFixed(2)} %`
    case 'backlash': {
      const axis = (name: string, play: { um: number; errorUm: number } | null): string =>
        play ? `${name} ${play.um.toFixed(2)} ± ${play.errorUm.toFixed(2)}` : `${name} unknown`
      return `${axis('x', result.x)}, ${axis('y', result.y)}, ${axis('z', result.z)} µm`
    }
    case 'settle':
      return `${result.settleMs.toFixed(0)} ± ${result.errorMs.toFixed(0)} ms after ${um(result.distanceUm)}`
    case 'limits': {
      const end = (value: number, stopped: boolean): string =>
        `${(value / 1000).toFixed(2)}${stopped ? ' (stopped)' : ''}`
      const axis = (name: 'x' | 'y'): string => {
        const { minUm, maxUm, minStopped, maxStopped } = result[name]
        return `${name} ${end(minUm, minStopped)} to ${end(maxUm, maxStopped)}`
      }
      return `${axis('x')}, ${axis('y')} mm ± ${(result.errorUm / 1000).toFixed(2)} mm`
    }
  }
}
