import type { RgbImage } from '../../shared/image.ts'
import { Composer } from './composer.ts'
import { FieldStore } from './field-store.ts'
import { FieldView } from './field-view.ts'
import { below, intersection, movedBy, type PixelRect, slideGeometry } from './geometry.ts'
import { half } from './halve.ts'
import { PaintedTiles } from './painted-tiles.ts'
import { Places, type PlacesSince, rectOf } from './places.ts'
import { unreadable } from './read-field-file.ts'
import { BINNINGS, type Slide } from './slide.ts'

export interface SlideOptions {
  readonly widthPx: number
  readonly heightPx: number
  /** null: not known. */
  readonly pixelSizeUm: number | null
  readonly places: PlacesSince
  /** A field of a tile could not be read: told once a field. */
  readonly onUnreadable?: (field: number, error: unknown) => void
}

/**
 * A run's slide in a folder. Opening touches nothing on disk; any number may read it, but only one may keep fields in it, the one of the
 * process that holds the bench lock.
 */
export function openSlide(folder: string, options: SlideOptions): Slide {
  const geometry = slideGeometry(options.widthPx, options.heightPx)
  const places = new Places(options.places)
  const store = new FieldStore(folder, options.pixelSizeUm)
  const view = new FieldView(store)
  const painted = PaintedTiles.in(folder, geometry)
  const composer = new Composer({
    geometry,
    places,
    view,
    painted,
    onUnreadable: options.onUnreadable ?? (() => undefined),
  })
  let closed = false

  /** Of a run from before fields were kept. @param part of the field, field pixels; absent: all that lies on the slide. */
  const paintedField = async (index: number, part?: PixelRect): Promise<RgbImage | null> => {
    places.refresh()
    const field = places.field(index)
    if (!painted || !field) return null
    const whole = rectOf(field)
    if (part) return painted.region(movedBy(part, whole.left, whole.top))
    const slide = { left: 0, top: 0, right: options.widthPx, bottom: options.heightPx }
    return painted.region(intersection(whole, slide))
  }

  return {
    geometry,
    async keep(index, image) {
      if (closed) throw new Error('the slide is closed')
      const picture = await store.keep(index, image)
      view.forget(index)
      return picture
    },
    async field(index) {
      const image = (await store.image(index)) ?? (await paintedField(index))
      if (!image) throw unreadable(store.path(index), new Error('there is no such file'))
      return image
    },
    async part(index, { origin, width, height }, binning) {
      const rect = { left: origin.x, top: origin.y, right: origin.x + width, bottom: origin.y + height }
      const level = BINNINGS.indexOf(binning)
      const image = await store.part(index, level, below(rect, level))
      if (image) return image
      let painted = await paintedField(index, rect)
      if (!painted) throw unreadable(store.path(index), new Error('there is no such file'))
      for (let n = 0; n < level; n++) painted = half(painted)
      return painted
    },
    readAhead: (index) => view.readAhead(index),
    tile: (level, x, y) => composer.tile(level, x, y),
    async close() {
      closed = true
      await store.close()
      view.clear()
      composer.clear()
    },
  }
}
