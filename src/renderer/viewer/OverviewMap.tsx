import { memo, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Field, SlideInfo } from '../../shared/contract/slide.ts'
import { tileUrl } from '../app/bench.ts'
import { useDesk } from '../app/desk.ts'
import { fieldInWork } from './field-in-work.ts'
import type { SlideRect } from './placement.ts'

const WIDTH_PX = 150
const HEIGHT_MOST_PX = 112
const REFRESH_EVERY_MS = 1500
const FIRST_AFTER_MS = 300
const OVERSAMPLED = 2

interface Props {
  readonly slide: SlideInfo
  readonly shown: SlideRect | null
  readonly onGoTo: (x: number, y: number) => void
}

/** The whole slide, small: what is scanned, what is in view, where the stage is. A click or a drag moves the view. */
export function OverviewMap({ slide, shown, onGoTo }: Props) {
  const fields = useDesk((state) => state.fields)
  const stage = useDesk((state) => (state.run?.state === 'scanning' ? (state.live?.stage ?? null) : null))
  const scale = Math.min(WIDTH_PX / slide.widthPx, HEIGHT_MOST_PX / slide.heightPx)
  const width = Math.round(slide.widthPx * scale)
  const height = Math.round(slide.heightPx * scale)
  const newest = useMemo(() => fields.reduce((most, { revision }) => Math.max(most, revision), 0), [fields])
  const picture = useOverviewImage(slide, newest)
  const inWork = fieldInWork(stage, fields, slide)

  const goTo = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1 && event.type !== 'pointerdown') return
    const box = event.currentTarget.getBoundingClientRect()
    onGoTo((event.clientX - box.left) / scale, (event.clientY - box.top) / scale)
  }

  return (
    <div className="overview" style={{ width, height }} onPointerDown={goTo} onPointerMove={goTo} aria-hidden="true">
      <Scanned slide={slide} fields={fields} picture={picture} width={width} height={height} />
      {shown && <i className="overview-view" style={place(clip(shown, slide), scale, 5)} />}
      {inWork && <i className="overview-stage" style={place(inWork, scale, 5)} />}
    </div>
  )
}

interface ScannedProps {
  readonly slide: SlideInfo
  readonly fields: readonly Field[]
  readonly picture: HTMLImageElement | null
  readonly width: number
  readonly height: number
}

/** The fields, cut out of the picture of the whole slide. Apart from the rest, which renders at every move of the view. */
const Scanned = memo(({ slide, fields, picture, width, height }: ScannedProps) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d')
    if (!ctx) return
    const ratio = width / slide.widthPx
    ctx.setTransform(OVERSAMPLED, 0, 0, OVERSAMPLED, 0, 0)
    ctx.clearRect(0, 0, width, height)
    for (const { slideX, slideY, widthPx, heightPx } of fields) {
      const to = [slideX * ratio, slideY * ratio, Math.max(1, widthPx * ratio), Math.max(1, heightPx * ratio)] as const
      ctx.fillStyle = '#c8b9c8'
      ctx.fillRect(...to)
      if (!picture) continue
      const shrunk = picture.naturalWidth / slide.widthPx
      ctx.drawImage(picture, slideX * shrunk, slideY * shrunk, widthPx * shrunk, heightPx * shrunk, ...to)
    }
  }, [slide, fields, picture, width, height])
  return <canvas ref={canvas} width={width * OVERSAMPLED} height={height * OVERSAMPLED} />
})

const place = (rect: SlideRect, scale: number, least: number) => ({
  left: rect.x * scale,
  top: rect.y * scale,
  width: Math.max(least, rect.width * scale),
  height: Math.max(least, rect.height * scale),
})

function clip(rect: SlideRect, slide: SlideInfo): SlideRect {
  const x = Math.max(0, rect.x)
  const y = Math.max(0, rect.y)
  return {
    x,
    y,
    width: Math.max(0, Math.min(slide.widthPx, rect.x + rect.width) - x),
    height: Math.max(0, Math.min(slide.heightPx, rect.y + rect.height) - y),
  }
}

/** The lowest tile shows the whole slide. The newer one takes its place once decoded, so the map does not blink. */
function useOverviewImage(slide: SlideInfo, newest: number): HTMLImageElement | null {
  const [picture, setPicture] = useState<HTMLImageElement | null>(null)
  // The first picture of a slide waits too: the view's own tiles come first.
  const askedAt = useRef(performance.now() + FIRST_AFTER_MS - REFRESH_EVERY_MS)
  useEffect(() => {
    if (newest === 0) return
    let given = true
    const timer = setTimeout(
      async () => {
        askedAt.current = performance.now()
        const image = new Image()
        image.fetchPriority = 'low'
        image.src = tileUrl(slide.runId, slide.lowestLevel, 0, 0, newest)
        try {
          await image.decode()
          if (given) setPicture(image)
        } catch {
          // The picture before stays.
        }
      },
      Math.max(0, askedAt.current + REFRESH_EVERY_MS - performance.now()),
    )
    return () => {
      given = false
      clearTimeout(timer)
    }
  }, [slide, newest])
  return picture
}
