/** The benchmark's two sides do the same work: they find the same cells. How long they take is nobody's test. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ROOT } from '../support/medulla.ts'

const PYTHON = '/usr/bin/python3'
const hasOpenCv = spawnSync(PYTHON, ['-c', 'import cv2, numpy']).status === 0
if (!hasOpenCv) console.log(`skipped: ${PYTHON} has no OpenCV (Debian: python3-opencv)`)

interface Side {
  readonly cells: number
  readonly foundByBoth: number
}

test.skipIf(!hasOpenCv)('our detection and its steps in OpenCV find the same cells', () => {
  const args = ['benchmarks/detect.ts', '--rounds', '1', '--batch', '1']
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const { fields } = JSON.parse(stdout) as { fields: { name: string; detect: Side; opencv: Side; ratio: unknown }[] }
  expect(fields).toHaveLength(2)
  for (const { detect, opencv, ratio } of fields) {
    // Where cells touch, OpenCV's watershed and ours cut differently.
    expect(opencv.foundByBoth / detect.cells).toBeGreaterThan(0.85)
    expect(opencv.foundByBoth / opencv.cells).toBeGreaterThan(0.85)
    expect(ratio).toMatchObject({ cpu: { median: expect.any(Number) }, withoutPython: { cpu: expect.any(Object) } })
  }
})
