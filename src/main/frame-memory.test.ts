import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** In a process of its own, which collects when it is told to. */
const PROGRAM = `
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { frameMemory } from ${JSON.stringify(new URL('./frame-memory.ts', import.meta.url).href)}
const { timers } = mock
timers.enable({ apis: ['setTimeout'] })
const collected = async () => {
  for (let i = 0; i < 3; i++) {
    gc()
    for (let turns = 0; turns < 10; turns++) await turn()
  }
}
const marked = (widthPx, mark) => frameMemory(widthPx, 1000).fill(mark)
/** Whether memory of a size that was let go is handed out again. */
const isUsedAgain = async (widthPx, keep) => {
  const kept = keep(marked(widthPx, 7))
  await collected()
  const again = frameMemory(widthPx, 1000).at(-1) === 7
  return { again, untouched: kept === null || kept.at(-1) === 7 }
}
const answer = {
  letGo: await isUsedAgain(400, () => null),
  seen: await isUsedAgain(401, (frame) => frame),
  partSeen: await isUsedAgain(402, (frame) => frame.subarray(100)),
  bufferSeen: await isUsedAgain(403, (frame) => Buffer.from(frame.buffer, 0, 100)),
}
marked(404, 7)
await collected()
answer.otherSize = { again: frameMemory(405, 1000).at(-1) === 7 }
answer.size = frameMemory(404, 1000).length
/** Kept from one look to the next with none of it needed, or with half of it needed now and then. */
for (const [name, needed] of [['unneeded', 0], ['needed', 2]]) {
  const frames = Array.from({ length: 4 }, (_, i) => marked(500, i + 1))
  timers.tick(20_000)
  frames.length = 0
  await collected()
  for (let looks = 0; looks < 3; looks++) {
    for (let i = 0; i < needed; i++) marked(500, 9)
    timers.tick(20_000)
    await collected()
  }
  const again = Array.from({ length: 4 }, () => frameMemory(500, 1000))
  answer[name] = again.filter((frame) => frame.at(-1) !== 0).length
}
let mostMb = 0
for (let i = 0; i < 200; i++) {
  frameMemory(2048, 1365).fill(i)
  mostMb = Math.max(mostMb, process.memoryUsage().arrayBuffers / 1024 ** 2)
  await turn()
}
answer.isBounded = mostMb < 500 || mostMb
console.log(JSON.stringify(answer))
`

it('uses the memory of frames again once nobody looks at any of it, for frames of that size, and lets go of what is too much', () => {
  const folder = mkdtempSync(join(tmpdir(), 'medulla-frames-'))
  try {
    const file = join(folder, 'program.mjs')
    writeFileSync(file, PROGRAM)
    const answer = JSON.parse(execFileSync(process.execPath, ['--expose-gc', file], { encoding: 'utf8' }))
    expect(answer).toEqual({
      letGo: { again: true, untouched: true },
      seen: { again: false, untouched: true },
      partSeen: { again: false, untouched: true },
      bufferSeen: { again: false, untouched: true },
      otherSize: { again: false },
      size: 404 * 1000 * 3,
      unneeded: 0,
      needed: 2,
      // Of 1,600 MB in all.
      isBounded: true,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
