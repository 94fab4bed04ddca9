import { expect, it } from 'vitest'
import { SourceClock } from './source-clock.ts'

/** What came of frames that were really stamped at `trueMs` on our clock, `source` on theirs, and came at `arrivalMs`. */
interface Sent {
  readonly stampMs: number
  readonly trueMs: number
  readonly arrivalMs: number
}

/** Frames every 40 ms on a clock that is 5000 ms ahead and runs `ppm` too fast; each takes 12 ms and what `waits` says. */
function frames(count: number, waits: (i: number) => number, ppm = 0): Sent[] {
  const sent: Sent[] = []
  let freeMs = 0
  for (let i = 0; i < count; i++) {
    const trueMs = 100 + 40 * i
    // Frames come one after the other: one that waits holds up those behind it.
    freeMs = Math.max(freeMs, trueMs + 12 + waits(i))
    sent.push({ trueMs, stampMs: 5000 + trueMs * (1 + ppm / 1e6), arrivalMs: freeMs })
  }
  return sent
}

const place = (clock: SourceClock, { stampMs, arrivalMs }: Sent) => clock.place(stampMs, arrivalMs)?.stampedMs ?? null

it('places frames by the quickest of them, late by no more than that one took', () => {
  const clock = new SourceClock(false)
  const placed = frames(200, (i) => (i * 7) % 5).map((sent) => [place(clock, sent), sent.trueMs] as const)
  expect(placed.slice(0, 20).every(([stampedMs]) => stampedMs === null)).toBe(true)
  for (const [stampedMs, trueMs] of placed.slice(40)) expect((stampedMs as number) - trueMs).toBeCloseTo(12, 1)
})

it('sees that frames which waited are old, however fast they come once they do', () => {
  const clock = new SourceClock(false)
  // Nobody reads for two seconds; then fifty frames come at once.
  const sent = frames(200, (i) => (i === 100 ? 2000 : 0))
  for (const frame of sent) {
    const stampedMs = place(clock, frame)
    if (stampedMs !== null) expect(stampedMs - frame.trueMs).toBeLessThan(13)
  }
  expect(sent[140].arrivalMs - sent[140].trueMs).toBeGreaterThan(400)
})

it('says nothing while the frames of a slow start are still being caught up with', () => {
  const clock = new SourceClock(false)
  // The first waits 700 ms, each of the next 20 ms less: as ffmpeg begins.
  const sent = frames(200, (i) => Math.max(0, 700 - 20 * i))
  for (const [i, frame] of sent.entries()) {
    const stampedMs = place(clock, frame)
    if (i < 35) expect(stampedMs).toBeNull()
    else if (stampedMs !== null) expect(stampedMs - frame.trueMs).toBeLessThan(21)
  }
  expect(place(clock, { stampMs: 5000 + 100 + 8000, trueMs: 8100, arrivalMs: 8112 })).not.toBeNull()
})

it.each([-150, 150])('keeps up with a clock that is wrong by %d millionths', (ppm) => {
  const clock = new SourceClock(false)
  // An hour, seen every 25th frame.
  const sent = frames(90_000, (i) => (i * 7) % 5, ppm)
  let worstMs = 0
  for (const frame of sent) {
    const stampedMs = place(clock, frame)
    if (stampedMs === null) continue
    expect(stampedMs - frame.trueMs).toBeLessThan(17)
    worstMs = Math.min(worstMs, stampedMs - frame.trueMs)
  }
  expect(worstMs).toBeGreaterThan(-1)
})

it('never trusts a source that is faster than time', () => {
  const clock = new SourceClock(false)
  for (let i = 0; i < 2000; i++) expect(clock.place(40 * i, 100 + 10 * i)?.stampedMs).toBeNull()
})

it('takes the same stamp for the same frame, and begins anew when the clock is set back', () => {
  const clock = new SourceClock(false)
  for (const frame of frames(100, () => 0)) clock.place(frame.stampMs, frame.arrivalMs)
  const last = frames(100, () => 0)[99]
  expect(clock.place(last.stampMs, last.arrivalMs + 5)).toBeNull()
  expect(clock.settled).toBe(true)
  expect(clock.place(0, last.arrivalMs + 40)).toEqual({ stampedMs: null, sincePreviousMs: null })
  expect(clock.settled).toBe(false)
})

it('takes stamps of this computer’s clock as they are, and others for what they are', () => {
  const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6
  const host = new SourceClock(true)
  const nowMs = performance.now()
  expect(host.place(monotonicMs() - 30, performance.now())?.stampedMs).toBeCloseTo(nowMs - 30, -1)
  const other = new SourceClock(true)
  expect(other.place(17, performance.now())?.stampedMs).toBeNull()
})
