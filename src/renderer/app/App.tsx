import type { CSSProperties } from 'react'
import { Calibration } from '../features/calibration/Calibration.tsx'
import { Differential } from '../features/differential/Differential.tsx'
import { Gallery } from '../features/gallery/Gallery.tsx'
import { Inspector } from '../features/gallery/Inspector.tsx'
import { CellMapPanel } from '../features/map/CellMapPanel.tsx'
import { BenchView } from '../features/microscope/BenchView.tsx'
import { ConnectDialog } from '../features/microscope/ConnectDialog.tsx'
import { Microscope } from '../features/microscope/Microscope.tsx'
import { useMicroscope } from '../features/microscope/microscope-store.ts'
import { Models } from '../features/models/Models.tsx'
import { NewScan } from '../features/new-scan/NewScan.tsx'
import { Welcome } from '../features/new-scan/Welcome.tsx'
import { OverviewDialog } from '../features/overview/OverviewDialog.tsx'
import { Header } from '../features/runbar/Header.tsx'
import { RunBanner } from '../features/runbar/RunBanner.tsx'
import { Devices } from '../features/status/Devices.tsx'
import { Footer } from '../features/status/Footer.tsx'
import { Notices } from '../features/status/Notices.tsx'
import { ReaderDialog } from '../features/status/ReaderDialog.tsx'
import { Shortcuts } from '../features/status/Shortcuts.tsx'
import { ContinueDialog } from '../features/stopping/ContinueDialog.tsx'
import { CompareDialog } from '../features/tally/CompareDialog.tsx'
import { TallyPanel } from '../features/tally/TallyPanel.tsx'
import { useTally } from '../features/tally/tally-store.ts'
import { ModelCard } from '../features/trust/ModelCard.tsx'
import { TrustCard } from '../features/trust/TrustCard.tsx'
import { Worklist } from '../features/worklist/Worklist.tsx'
import { Resizer, usePanelSize } from '../ui/Resizer.tsx'
import { SlideViewer } from '../viewer/SlideViewer.tsx'
import { useDesk } from './desk.ts'

/** A share of the window's width, within limits, CSS pixels. */
const share = (part: number, least: number, most: number): number =>
  Math.round(Math.min(most, Math.max(least, innerWidth * part)))

export function App() {
  const mapShown = useDesk((state) => state.mapShown)
  const dialog = useDesk((state) => state.dialog)
  const benchShown = useMicroscope((state) => state.shown)
  const tallyShown = useTally((state) => state.shown)
  // Crops with the machine's names would tell a person what to count.
  const galleryHidden = useTally(
    ({ counting, state }) => counting && state?.sitting.place === 'slide' && state.sitting.purpose === 'compare',
  )
  const empty = useDesk(
    (state) => state.cases !== null && state.run === null && state.cases.every((entry) => entry.runs.length === 0),
  )
  const left = usePanelSize('left', { initial: share(0.16, 188, 228), least: 168, most: 360 })
  const right = usePanelSize('right', { initial: share(0.347, 392, 500), least: 300, most: 640 })
  const below = usePanelSize('gallery', { initial: innerHeight < 780 ? 272 : 300, least: 132, most: 620 })
  const map = usePanelSize('map', { initial: share(0.26, 260, 720), least: 240, most: 1400 })
  const columns = `${left.size}px 5px minmax(240px, 1fr) 5px ${right.size}px`

  // What was done is told at the foot of the slide: on no number, no button and no crop.
  const slide = !empty && !benchShown
  const told = {
    '--told-left': slide ? `${left.size}px` : '0px',
    '--told-right': slide ? `${right.size}px` : '0px',
    '--told-bottom': slide && !galleryHidden ? `${below.size}px` : '0px',
  } as CSSProperties

  return (
    <div className="desk" style={told}>
      <Header />
      <RunBanner />
      {empty && benchShown ? (
        <main
          className="panels"
          style={tallyShown ? { gridTemplateColumns: `minmax(240px, 1fr) 5px ${right.size}px` } : undefined}
        >
          <BenchView />
          {tallyShown && <Resizer panel={right} label="Width of the count" side="right" />}
          {tallyShown && <TallyPanel />}
        </main>
      ) : empty ? (
        <Welcome />
      ) : (
        <main className="panels" style={{ gridTemplateColumns: columns }}>
          <div className="left-panel">
            <Worklist />
            <Microscope />
          </div>
          <Resizer panel={left} label="Width of the worklist" side="left" />
          {benchShown && <BenchView />}
          <div
            className="centre-panel"
            hidden={benchShown}
            style={{ gridTemplateRows: galleryHidden ? 'minmax(0, 1fr)' : `minmax(120px, 1fr) 5px ${below.size}px` }}
          >
            <div
              className="slide-and-map"
              style={{
                gridTemplateColumns: mapShown ? `minmax(120px, 1fr) 5px minmax(0, ${map.size}px)` : 'minmax(0, 1fr)',
              }}
            >
              <SlideViewer />
              {mapShown && <Resizer panel={map} label="Width of the map" side="right" />}
              {mapShown && <CellMapPanel />}
            </div>
            {!galleryHidden && (
              <>
                <Resizer panel={below} label="Height of the gallery" side="bottom" />
                <div className="below-slide">
                  <Gallery />
                  <Inspector />
                </div>
              </>
            )}
          </div>
          <Resizer panel={right} label="Width of the differential" side="right" />
          {tallyShown ? <TallyPanel /> : <Differential />}
        </main>
      )}
      <Footer />
      <Notices />
      {dialog === 'new-scan' && <NewScan />}
      {dialog === 'shortcuts' && <Shortcuts />}
      {dialog === 'reader' && <ReaderDialog />}
      {dialog === 'devices' && <Devices />}
      {dialog === 'trust' && <TrustCard />}
      {dialog === 'model-card' && <ModelCard />}
      {dialog === 'models' && <Models />}
      {dialog === 'calibration' && <Calibration />}
      {dialog === 'continue' && <ContinueDialog />}
      {dialog === 'connect' && <ConnectDialog />}
      {dialog === 'tally-compare' && <CompareDialog />}
      {dialog === 'overview' && <OverviewDialog />}
    </div>
  )
}
