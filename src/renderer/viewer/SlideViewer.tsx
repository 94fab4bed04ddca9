import { useEffect, useRef, useState } from 'react'
import { estimateWords } from '../../shared/pixel-size-words.ts'
import { desk, useDesk } from '../app/desk.ts'
import { clearSelection, selectAndReveal } from '../app/selection-actions.ts'
import { toggleMap } from '../features/map/map-actions.ts'
import { toggleStitches, useStitches } from '../features/stitch/stitch-store.ts'
import { slideMoved } from '../features/tally/follow-tally.ts'
import { Icon } from '../ui/Icon.tsx'
import { viewerHandle } from './handle.ts'
import { OverviewMap } from './OverviewMap.tsx'
import type { SlideRect } from './placement.ts'
import { scaleBar } from './scale-bar.ts'
import { SlideView } from './slide-view.ts'
import './viewer.css'

const SCALE_BAR_MOST_PX = 160

export function SlideViewer() {
  const slide = useDesk((state) => state.slide)
  const follow = useDesk((state) => state.follow)
  const boxesShown = useDesk((state) => state.boxesShown)
  const mapShown = useDesk((state) => state.mapShown)
  const stitchesShown = useStitches((state) => state.shown)
  const fields = useDesk((state) => state.fields.length)
  const running = useDesk((state) => state.run?.state === 'scanning')
  const committed = useDesk((state) => state.run?.fields ?? 0)
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<SlideView | null>(null)
  const [shown, setShown] = useState<{ rect: SlideRect; scale: number } | null>(null)

  useEffect(() => {
    if (!slide || !host.current) return
    const created = new SlideView(host.current, slide, {
      onPick: (cellId, add) => (cellId === null ? clearSelection() : selectAndReveal(cellId, add ? 'add' : 'only')),
      onView: (rect, scale) => {
        setShown((before) => (before && same(before.rect, rect) && before.scale === scale ? before : { rect, scale }))
        slideMoved(rect)
      },
      onTakenOver: () => desk.set({ follow: false }),
    })
    view.current = created
    viewerHandle.current = created
    return () => {
      viewerHandle.current = null
      view.current = null
      created.destroy()
      setShown(null)
    }
  }, [slide])

  const estimate = slide?.pixelSizeEstimate ?? null
  const bar = slide && shown ? scaleBar(slide.pixelSizeUm / shown.scale, SCALE_BAR_MOST_PX) : null

  return (
    <section className="viewer" data-testid="viewer" aria-label="Slide">
      <div className="viewer-host" ref={host} />
      {(slide || committed > 0) && fields === 0 && (
        <p className="viewer-empty">
          {committed > 0
            ? 'Reading the fields…'
            : running
              ? 'The first field is on its way…'
              : 'No field was committed in this scan.'}
        </p>
      )}
      {slide && (
        <>
          <div className="viewer-tools" role="toolbar" aria-label="Slide view">
            <Tool icon="fit" label="Show everything scanned (0)" act={() => viewerHandle.current?.fit()} />
            <Tool
              icon="actual"
              label="One image pixel a screen pixel (1)"
              act={() => viewerHandle.current?.actualSize()}
            />
            <Tool icon="plus" label="Zoom in (+)" act={() => viewerHandle.current?.zoomBy(1.6)} />
            <Tool icon="minus" label="Zoom out (−)" act={() => viewerHandle.current?.zoomBy(1 / 1.6)} />
            <Tool
              icon="boxes"
              label="Boxes (W)"
              pressed={boxesShown}
              act={() => desk.set({ boxesShown: !desk.get().boxesShown })}
            />
            <Tool
              icon="follow"
              label="Follow the scan (Z)"
              pressed={follow}
              act={() => desk.set({ follow: !desk.get().follow })}
            />
            <Tool icon="seams" label="Seams between fields (Shift J)" pressed={stitchesShown} act={toggleStitches} />
            <Tool icon="map" label="Map of the cells (Shift M)" pressed={mapShown} act={toggleMap} />
          </div>
          <OverviewMap slide={slide} shown={shown?.rect ?? null} onGoTo={(x, y) => view.current?.centreOn(x, y)} />
        </>
      )}
      {bar && (
        <div
          className="scale-bar"
          data-testid="scale-bar"
          data-um-per-px={slide!.pixelSizeUm / shown!.scale}
          title={estimate ? `Pixel size ${estimateWords(estimate, 'µm')}` : undefined}
        >
          <span>{estimate ? `≈ ${bar.label}, estimated` : bar.label}</span>
          <i style={{ width: bar.px }} />
        </div>
      )}
    </section>
  )
}

const same = (a: SlideRect, b: SlideRect): boolean =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height

interface ToolProps {
  readonly icon: Parameters<typeof Icon>[0]['name']
  readonly label: string
  readonly act: () => void
  readonly pressed?: boolean
}

function Tool({ icon, label, act, pressed }: ToolProps) {
  return (
    <button type="button" className="tool" title={label} aria-label={label} aria-pressed={pressed} onClick={act}>
      <Icon name={icon} />
    </button>
  )
}
