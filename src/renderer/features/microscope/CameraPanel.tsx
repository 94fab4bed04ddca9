import { useState } from 'react'
import type { CameraControl } from '../../../shared/contract/camera.ts'
import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import { configure } from './microscope-actions.ts'

type CameraView = NonNullable<MicroscopeView['camera']>

const NAMES: Readonly<Record<CameraControl, string>> = {
  exposureMs: 'Exposure, ms',
  gain: 'Gain',
  whiteBalanceK: 'White balance, K',
  redRatio: 'Red over green',
  blueRatio: 'Blue over green',
}
const STATES = { streaming: 'streaming', disconnected: 'no frames arrive', closed: 'closed' } as const

/** The camera: what it is, how its frames come, and what can be set on it. */
export function CameraPanel({ camera, enabled }: { readonly camera: CameraView; readonly enabled: boolean }) {
  const { name, state, widthPx, heightPx, pixelSizeUm, framesPerS, dropped, latencyMs, controls, values } = camera
  const settable = (Object.keys(NAMES) as CameraControl[]).filter((control) => controls[control])
  return (
    <section aria-label="Camera">
      <h3>Camera</h3>
      <p data-testid="camera-name">
        {name}, <span className={state === 'streaming' ? '' : 'saturated'}>{STATES[state]}</span>
      </p>
      <p className="muted" data-testid="camera-flow">
        {widthPx} × {heightPx} px, {pixelSizeUm === null ? 'pixel size not known' : `${pixelSizeUm} µm a pixel`}
        <br />
        {framesPerS === null ? '– frames/s' : `${framesPerS.toFixed(1)} frames/s`}, {dropped} dropped
        {latencyMs !== null && `, ${Math.round(latencyMs)} ms old when they arrive`}
      </p>
      {settable.length > 0 && (
        <div className="camera-controls">
          {settable.map((control) => (
            <Control
              key={control}
              control={control}
              value={values[control] ?? null}
              range={controls[control]!}
              enabled={enabled}
            />
          ))}
        </div>
      )}
    </section>
  )
}

interface ControlProps {
  readonly control: CameraControl
  /** null: left to the camera. */
  readonly value: number | null
  readonly range: { readonly min: number; readonly max: number; readonly step: number | null }
  readonly enabled: boolean
}

function Control({ control, value, range, enabled }: ControlProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const set = (): void => {
    if (typed === null) return
    const number = Number(typed.replace(',', '.'))
    setTyped(null)
    if (typed.trim() !== '' && Number.isFinite(number) && number !== value) void configure({ [control]: number })
  }
  return (
    <label title={`${range.min} to ${range.max}`}>
      {NAMES[control]}
      <input
        data-testid={`camera-${control}`}
        inputMode="decimal"
        disabled={!enabled}
        value={typed ?? (value === null ? '' : String(value))}
        placeholder={value === null ? 'automatic' : ''}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={set}
        onKeyDown={(event) => {
          if (event.key === 'Enter') set()
        }}
      />
    </label>
  )
}
