import { expect, it } from 'vitest'
import { slideShiftWords } from './slide-shift-words.ts'

it('says how far the slide lay off, along which axis, and that it is corrected', () => {
  expect(slideShiftWords({ xUm: 11.34, yUm: -4.06, zUm: 0 }, 'µm')).toBe(
    'When the scan was resumed the slide lay 12 µm from where it was (x +11.3, y −4.1 µm): corrected.',
  )
  expect(slideShiftWords({ xUm: 0, yUm: 6, zUm: 5.5 }, 'um')).toBe(
    'When the scan was resumed the slide lay 6 um from where it was (x +0.0, y +6.0 um; best focus +5.5 um): corrected.',
  )
})
