import './app/zod-setting.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { holdWindowWhileCorrecting } from './app/corrections.ts'
import { desk } from './app/desk.ts'
import { openDialog } from './app/dialogs.ts'
import { listenToKeys } from './app/keyboard.ts'
import { start } from './app/start.ts'
import { applyTheme } from './app/theme.ts'
import { toggleMap } from './features/map/map-actions.ts'
import { followMicroscope } from './features/microscope/microscope-store.ts'
import { followStitches } from './features/stitch/stitch-store.ts'
import { followTally } from './features/tally/follow-tally.ts'
import './app/theme.css'
import './app/layout.css'

applyTheme(desk.get().theme)
listenToKeys()
holdWindowWhileCorrecting()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
window.medullaDesktop?.onMenu((action) => {
  if (action === 'map') toggleMap()
  else openDialog(action === 'scan' ? 'new-scan' : action)
})
void start()
void followMicroscope()
followTally()
followStitches()
