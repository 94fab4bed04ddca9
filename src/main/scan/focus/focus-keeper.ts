import type { FieldFocus } from '../../../shared/contract/quality.ts'
import { type StageUm, stageUm } from '../../../shared/geometry.ts'
import { type FocusMap, inverted, predictFocus } from '../../microscope/focus/focus-map.ts'
import type { StagePosition } from '../../microscope/stage/stage.ts'

/** What a field that has been seen through says of focus. */
export interface FocusRecord {
  readonly index: number
  readonly stage: StagePosition
  readonly edgeWidthUm: number | null
  /** null: the first exposure was good. */
  readonly focus: FieldFocus | null
}

/** Blur beyond the sharpest edges from which a field is focused anew, as the standard deviation of a Gaussian: a good half micrometre off focus. */
const BLURRED_UM = 0.15
/** Blur at which a search ends: nothing to be gained within the depth of field. */
const SHARP_UM = 0.09
/** How far the slide's height departs from the map, over what distance, and how well a field tells it: standard deviations, micrometres. */
const DEPARTURE_UM = 1.5
const REACH_UM = 200
const FOCUSED_UM = 0.15
const SHARP_ENOUGH_UM = 0.3
/** Neighbours that are asked. */
const MOST_NEIGHBOURS = 10
const STEPS_PER_UM = 10
/** Widths that say how sharp the run is where the slide's focus was found without saying so. */
const FIRST_WIDTHS = 15
const FEWEST_WIDTHS = 5
const SHARP_SHARE = 0.25
/** Searches in a row that found nothing sharper, after which blurred fields are taken as they are for a while. */
const MOST_IN_VAIN = 2
const WHILE_FIELDS = 12

/**
 * Where the next field's focus will be, and whether the last one's was: the map of the slide, corrected by what the fields near by showed. It
 * goes by fields before the last, and by the last one only where that was focused anew; so what a field's image depends on is settled before the
 * stage moves to it, and a resumed run sees what one in peace would have seen.
 */
export class FocusKeeper {
  readonly #map: FocusMap
  readonly #sharpUm: number | null
  readonly #records: FocusRecord[] = []

  /** @param sharpUm how wide edges are at best focus; null: the first fields will say. */
  constructor(map: FocusMap, sharpUm: number | null, records: readonly FocusRecord[]) {
    this.#map = map
    this.#sharpUm = sharpUm
    for (const record of records) this.learn(record)
  }

  /** In the order of the scan. */
  learn(record: FocusRecord): void {
    this.#records.push(record)
  }

  /** Height for field `index`, whole tenths of a micrometre. */
  predict(index: number, at: StageUm): number {
    const known = this.#records.filter(
      (record) => record.index < index - 1 || (record.index === index - 1 && record.focus !== null),
    )
    const departure = departureAt(at, this.#near(known, at))
    return Math.round((predictFocus(this.#map, at) + departure) * STEPS_PER_UM) / STEPS_PER_UM
  }

  /** Worth going back for; of a field that is exposed and not learned of yet. */
  isBlurred(edgeWidthUm: number | null): boolean {
    return !this.#inVain() && edgeWidthUm !== null && this.#blurUm(edgeWidthUm) > BLURRED_UM
  }

  isSharp(edgeWidthUm: number | null): boolean {
    return edgeWidthUm !== null && this.#blurUm(edgeWidthUm) <= SHARP_UM
  }

  /** Up or down: where the last search found focus. */
  get likelierUp(): boolean {
    const last = this.#records.findLast(({ focus }) => focus !== null)
    return !last || last.stage.zUm >= predictFocus(this.#map, placeOf(last))
  }

  /** 0 where it is not known how sharp edges can be. */
  #blurUm(edgeWidthUm: number): number {
    const sharpUm = this.#sharpUm ?? this.#sharpSoFar()
    return sharpUm === null ? 0 : Math.sqrt(Math.max(0, edgeWidthUm ** 2 - sharpUm ** 2))
  }

  #sharpSoFar(): number | null {
    const widths = this.#records.flatMap(({ edgeWidthUm }) => edgeWidthUm ?? []).slice(0, FIRST_WIDTHS)
    if (widths.length < FEWEST_WIDTHS) return null
    return widths.sort((a, b) => a - b)[Math.floor(SHARP_SHARE * widths.length)]
  }

  #inVain(): boolean {
    const searched = this.#records.filter(({ focus }) => focus !== null).slice(-MOST_IN_VAIN)
    const last = searched.at(-1)
    if (!last || searched.length < MOST_IN_VAIN || this.#records.at(-1)!.index - last.index >= WHILE_FIELDS)
      return false
    return searched.every(({ edgeWidthUm }) => edgeWidthUm === null || this.#blurUm(edgeWidthUm) > BLURRED_UM)
  }

  /** By how much they lie above the map. */
  #near(records: readonly FocusRecord[], at: StageUm): Neighbour[] {
    return records
      .filter(({ edgeWidthUm }) => edgeWidthUm !== null && this.#blurUm(edgeWidthUm) <= BLURRED_UM)
      .map((record) => {
        const { x, y } = placeOf(record)
        return { record, x, y, distance: Math.hypot(x - at.x, y - at.y) }
      })
      .filter(({ distance }) => distance < 3 * REACH_UM)
      .sort((a, b) => a.distance - b.distance || a.record.index - b.record.index)
      .slice(0, MOST_NEIGHBOURS)
      .map(({ record, x, y }) => ({
        x,
        y,
        departureUm: record.stage.zUm - predictFocus(this.#map, stageUm(x, y)),
        errorUm: record.focus === null ? SHARP_ENOUGH_UM : FOCUSED_UM,
      }))
  }
}

interface Neighbour {
  readonly x: number
  readonly y: number
  readonly departureUm: number
  readonly errorUm: number
}

const placeOf = ({ stage }: FocusRecord) => stageUm(stage.xUm, stage.yUm)

/** Gaussian process regression, as in the map itself: near fields tell, and where there are none the map stands. */
function departureAt(at: StageUm, neighbours: readonly Neighbour[]): number {
  if (neighbours.length === 0) return 0
  const likeness = (a: { x: number; y: number }, b: { x: number; y: number }) =>
    DEPARTURE_UM ** 2 * Math.exp(-((a.x - b.x) ** 2 + (a.y - b.y) ** 2) / (2 * REACH_UM ** 2))
  const inverse = inverted(
    neighbours.map((a, i) => neighbours.map((b, j) => likeness(a, b) + (i === j ? a.errorUm ** 2 : 0))),
  )
  return inverse.reduce(
    (sum, row, i) =>
      sum + likeness(at, neighbours[i]) * row.reduce((part, value, j) => part + value * neighbours[j].departureUm, 0),
    0,
  )
}
