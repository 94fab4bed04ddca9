import { describe, expect, it } from 'vitest'
import type { LeftOutReason } from '../../../shared/contract/quality.ts'
import { type ComparedField, doubtfulPlace } from './doubtful-place.ts'
import { NO_MATCH } from './match.ts'
import { areTied } from './tied-fields.ts'

const PIXEL_UM = 0.1
const PLACE = { xPx: 1000, yPx: 500 }
const px = (um: number) => um / PIXEL_UM

/** One whose image puts the new field `offUm` to the right of `PLACE`. */
const matching = (offUm = 0, gateReason: LeftOutReason | null = null): ComparedField => ({
  place: { xPx: 0, yPx: 500 },
  match: { offset: { xPx: 1000 + px(offUm), yPx: 0 }, score: 0.9, errorPx: 0.2, unlike: false },
  gateReason,
})
const unlike = (gateReason: LeftOutReason | null = null): ComparedField => ({
  place: { xPx: 0, yPx: 500 },
  match: { ...NO_MATCH, unlike: true },
  gateReason,
})
const silent: ComparedField = { place: { xPx: 0, yPx: 500 }, match: NO_MATCH, gateReason: null }

const said = (...compared: ComparedField[]) => doubtfulPlace(PLACE, compared, () => true, PIXEL_UM)
const counts = (...compared: ComparedField[]) => said(...compared) === null

describe('a field counts', () => {
  it('where nothing is to be compared, or too little lies in what is', () => {
    expect(counts()).toBe(true)
    expect(counts(silent, silent)).toBe(true)
    expect(counts(silent, matching())).toBe(true)
  })

  it('where more of its neighbours put it where it is than elsewhere', () => {
    expect(counts(matching(), matching(2), matching(0.1))).toBe(true)
    expect(counts(matching(), matching(0.1), matching(40))).toBe(true)
  })

  it('whatever a neighbour shows that was blurred, or stands elsewhere itself', () => {
    expect(counts(unlike('focus'), unlike('motion'))).toBe(true)
    expect(counts(matching(), unlike('stitch'), unlike('stitch'))).toBe(true)
    // Behind where the stage slipped.
    expect(counts(matching(0, 'stitch'), unlike('stitch'), silent)).toBe(true)
  })

  it('where two put it apart that only the stage put where they are', () => {
    expect(doubtfulPlace(PLACE, [matching(), matching(9)], () => false, PIXEL_UM)).toBeNull()
  })
})

describe('the place of a field is unclear', () => {
  it('where it shows something else than all it should overlap', () => {
    expect(said(unlike(), silent)).toEqual({
      reason: 'stitch',
      words: 'place unclear: shows something else than a field it should overlap',
      slipped: false,
      alone: true,
    })
    expect(said(unlike(), unlike(), unlike())?.words).toContain('than 3 fields it should overlap')
    // A camera that hangs for longer than a row: what went before is in doubt too.
    expect(said(unlike('stitch'), unlike('stitch'))?.reason).toBe('stitch')
  })

  it('where it is unlike one that counts, however many it fits: it lies over something that slipped', () => {
    const fittingMost = said(matching(), matching(), matching(), unlike())
    expect(fittingMost?.words).toContain('and the same as 3 more')
    // As well a camera that gave a stale image, of which nobody knew then.
    expect(fittingMost?.slipped).toBe(false)
    expect(said(matching(), unlike())?.words).toBe(
      'place unclear: shows something else than a field it should overlap, and the same as 1 more',
    )
    expect(said(matching(0, 'stitch'), unlike(), unlike())).toMatchObject({
      words: 'place unclear: shows something else than 2 fields it should overlap',
      slipped: true,
      alone: false,
    })
  })

  it('where images that are tied to each other put it at two places', () => {
    expect(said(matching(), matching(34))).toEqual({
      reason: 'stitch',
      words: 'place unclear: neighbours put it 34 um apart',
      slipped: false,
      alone: false,
    })
    expect(counts(matching(), matching(2.4))).toBe(true)
    expect(counts(matching(), matching(2.6))).toBe(false)
  })
})

describe('fields are tied', () => {
  const places = new Map([0, 1, 2, 3].map((index) => [index, { xPx: 1000 * index, yPx: 0 }]))
  const stitch = (from: number, to: number, offPx = 0) => ({
    from,
    to,
    offset: { xPx: 1000 * (to - from) + offPx, yPx: 0 },
  })
  const tied = (one: number, other: number, ...stitches: Parameters<typeof areTied>[2]) =>
    areTied(one, other, stitches, (index) => places.get(index), PIXEL_UM)

  it('by images, over others too, either way round', () => {
    expect(tied(0, 2, stitch(0, 1), stitch(1, 2))).toBe(true)
    expect(tied(2, 0, stitch(0, 1), stitch(1, 2))).toBe(true)
    expect(tied(0, 3, stitch(0, 1), stitch(1, 2))).toBe(false)
  })

  it('not by what they do not lie by, by an overlap that says nothing, or by a field that has no place', () => {
    expect(tied(0, 1, stitch(0, 1, 4))).toBe(true)
    expect(tied(0, 1, stitch(0, 1, 6))).toBe(false)
    expect(tied(0, 1, { from: 0, to: 1, offset: null })).toBe(false)
    expect(tied(0, 1, stitch(0, 9), stitch(1, 9))).toBe(false)
  })
})
