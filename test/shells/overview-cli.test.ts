import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla } from '../support/medulla.ts'

test('a smear is looked over, its areas listed, and the best of them scanned by its rank', {
  timeout: 400_000,
}, async () => {
  const data = ['--data', temporaryFolder()]
  const rig = ['--profile', 'cll', '--seed', '7', '--time-scale', '1000']
  const looked = await medulla([
    'overview',
    ...rig,
    '--within',
    '7000,4500,2400,1800',
    '--pitch',
    '600',
    '--cells',
    '40',
    ...data,
  ])
  expect(looked).toMatchObject({
    exitCode: 0,
    json: { overview: { overviewId: 1, state: 'done' }, researchUseOnly: expect.any(String) },
  })
  const { areas } = looked.json as {
    areas: { rects: { xUm: number; widthUm: number }[]; expectation: { fields: number } }[]
  }
  expect(areas.length).toBeGreaterThan(1)
  expect((await medulla(['overview', 'show', '1', '--cells', '40', ...data])).json).toEqual(looked.json)
  expect((await medulla(['overview', 'list', ...data])).json).toMatchObject({ overviews: [{ overviewId: 1 }] })

  const scanned = await medulla(['scan', ...rig, '--cells', '40', '--area', '1', '--order', 'nearest', ...data])
  expect(scanned).toMatchObject({ exitCode: 0, json: { stopped: 'cells' } })
  const { fields } = scanned.json as { fields: number }
  expect(fields).toBeLessThanOrEqual(areas[0]!.expectation.fields)

  for (const [options, remedy] of [
    [['--area', '99'], 'areas'],
    [['--area', '1', '--rect', '1,2,3,4'], 'either'],
    [['--exclude', '1,2,3,4'], 'what of it'],
    [['--rect', '1,2,3'], 'x,y,width,height'],
  ] as const) {
    const refused = await medulla(['scan', ...rig, '--cells', '5', ...options, ...data])
    expect(refused.exitCode).toBe(1)
    expect(JSON.stringify(refused.json)).toContain(remedy)
  }
})
