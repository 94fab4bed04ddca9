import { expect, test } from 'vitest'
import { openSimulatedRig } from '../microscope/simulated-rig.ts'
import { goTo } from './go-to.ts'

test('the objective is out of the way before the stage goes far, and stays in focus for a step to the next field', async () => {
  const rig = await openSimulatedRig({ profile: 'normal', seed: 1, timeScale: 1000 })
  const { stage } = rig
  const asked: string[] = []
  const watched: typeof stage = new Proxy(stage, {
    get(target, key) {
      if (key !== 'moveTo') {
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      }
      return (...[to, signal]: Parameters<typeof stage.moveTo>) => {
        asked.push(Object.keys(to).sort().join(' '))
        return target.moveTo(to, signal)
      }
    },
  })
  const { signal } = new AbortController()
  try {
    const start = { xUm: 8000, yUm: 5000, zUm: rig.workingZUm }
    let here = await stage.moveTo(start)
    here = await goTo(watched, { ...start, xUm: 8170 }, here, signal)
    expect(asked).toEqual(['xUm yUm zUm'])
    asked.length = 0
    here = await goTo(watched, { ...start, xUm: 10_500 }, here, signal)
    expect(asked).toEqual(['zUm', 'xUm yUm', 'xUm yUm zUm'])
    expect(here.zUm).toBeCloseTo(rig.workingZUm, 1)
    asked.length = 0
    await goTo(watched, { xUm: 8000, yUm: 5000 }, here, signal)
    expect((await stage.position()).zUm).toBeCloseTo(stage.retractedZUm, 1)
  } finally {
    await rig.close()
  }
})
