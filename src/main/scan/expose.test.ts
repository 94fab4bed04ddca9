import { afterEach, expect, it } from 'vitest'
import { openSimulatedRig, type SimulatedRig } from '../microscope/simulated-rig.ts'
import { expose } from './expose.ts'

const rigs: SimulatedRig[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close()
})

async function opened(): Promise<SimulatedRig> {
  const camera = { widthPx: 160, heightPx: 120, timeoutMs: 300 }
  const rig = await openSimulatedRig({ profile: 'normal', seed: 2, timeScale: 1, camera })
  rigs.push(rig)
  return rig
}

it('waits for a camera that drops out and is back, and for a frame that does not come', async () => {
  const { camera } = await opened()
  camera.failNext('timeout')
  camera.failNext('disconnect')
  let waited = 0
  const askedMs = performance.now()
  const exposure = await expose(
    camera,
    () => {
      if (++waited === 2) camera.reconnect()
    },
    new AbortController().signal,
  )
  expect(waited).toBe(2)
  expect(exposure.exposureStartMs).toBeGreaterThan(askedMs)
})

it('gives up on one that stays away, with what it said', async () => {
  const { camera } = await opened()
  camera.failNext('disconnect')
  let waited = 0
  await expect(expose(camera, () => waited++, new AbortController().signal)).rejects.toMatchObject({
    code: 'device-failed',
    message: expect.stringContaining('link to the camera'),
  })
  expect(waited).toBe(3)
})

it('does not wait where it is told to stop, or the camera is closed', async () => {
  const { camera } = await opened()
  camera.failNext('disconnect')
  const abort = new AbortController()
  const reason = new Error('enough')
  await expect(expose(camera, () => abort.abort(reason), abort.signal)).rejects.toThrow()
  camera.reconnect()
  await camera.close()
  let waited = 0
  await expect(expose(camera, () => waited++, new AbortController().signal)).rejects.toMatchObject({
    code: 'device-failed',
  })
  expect(waited).toBe(0)
})
