import { expect, test } from 'vitest'
import { CAMERA_KINDS } from '../../../shared/contract/camera.ts'
import { rigFile } from '../../../shared/contract/rig.ts'
import { NEW_DRAFT, textOfDraft } from './rig-draft.ts'

const FILLED = {
  ...NEW_DRAFT,
  name: 'Bench 2',
  port: '/dev/ttyUSB0',
  emulator: '/dev/pts/9',
  images: '/images',
  limits: { x: { min: '0', max: '75000' }, y: { min: '0', max: '25000' }, z: { min: '-3500', max: '100' } },
  retractedZUm: '-1000',
  workingZUm: '0',
}

test.each(CAMERA_KINDS)('a filled form with a camera of kind %s is a rig file', (camera) => {
  const rig = rigFile.parse(JSON.parse(textOfDraft({ ...FILLED, camera })))
  expect(rig).toMatchObject({
    name: 'Bench 2',
    stage: { driver: 'asi', port: '/dev/ttyUSB0' },
    camera: { kind: camera },
  })
})

test('a comma is a decimal point, and what is no number is named in its place', () => {
  const text = textOfDraft({ ...FILLED, pixelSizeUm: '0,092', retractedZUm: 'low' })
  const { error } = rigFile.safeParse(JSON.parse(text))
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['stage.settings.retractedZUm'])
  expect(JSON.parse(text).camera.pixelSizeUm).toBe(0.092)
})

test('a pixel size left empty stays unknown', () => {
  expect(JSON.parse(textOfDraft(FILLED)).camera.pixelSizeUm).toBeNull()
})

test('nothing is assumed of the travel: what nobody typed is missing', () => {
  const { error } = rigFile.safeParse(JSON.parse(textOfDraft({ ...NEW_DRAFT, name: 'a', port: 'b' })))
  const paths = error?.issues.map(({ path }) => path.join('.')) ?? []
  expect(paths).toEqual(
    expect.arrayContaining(['stage.settings.limits.z.maxUm', 'stage.settings.retractedZUm', 'workingZUm']),
  )
})
