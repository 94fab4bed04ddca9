import { type KeyboardEvent, useEffect } from 'react'
import { type DirectionName, press, release } from './joystick.ts'
import { chooseStep, useMicroscope } from './microscope-store.ts'

const KEYS: Readonly<Record<string, DirectionName>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'nearer',
  PageDown: 'away',
}

const STEPS_XY_UM = [1, 5, 20, 100, 1000] as const
const STEPS_Z_UM = [0.2, 1, 5, 25] as const

/** Buttons and keys that move the stage while they are held. Keys count only while the pad has the focus. */
export function Joystick({ enabled, fieldUm }: { readonly enabled: boolean; readonly fieldUm: number | null }) {
  const stepXyUm = useMicroscope((state) => state.stepXyUm)
  const stepZUm = useMicroscope((state) => state.stepZUm)
  useEffect(() => {
    const letGo = () => release()
    // A window in the background hears no key go up.
    window.addEventListener('blur', letGo)
    document.addEventListener('visibilitychange', letGo)
    return () => {
      letGo()
      window.removeEventListener('blur', letGo)
      document.removeEventListener('visibilitychange', letGo)
    }
  }, [])

  const onKey = (event: KeyboardEvent, down: boolean): void => {
    const name = KEYS[event.key]
    if (!name || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    if (!down) release(name)
    else if (enabled && !event.repeat) press(name)
  }
  const field = fieldUm === null ? null : Math.min(5000, Math.round(fieldUm))
  const steps = field === null ? STEPS_XY_UM : [...STEPS_XY_UM, field].sort((a, b) => a - b)
  return (
    <div className="joystick-area">
      {/* biome-ignore lint/a11y/useSemanticElements: a group of buttons, not of fields. */}
      <div
        className="joystick"
        role="group"
        aria-label="Joystick: arrow keys move the stage, Page Up and Page Down the focus, while held"
        data-testid="joystick"
        onKeyDown={(event) => onKey(event, true)}
        onKeyUp={(event) => onKey(event, false)}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) release()
        }}
      >
        <Pad name="up" sign="▲" title="Away from you" enabled={enabled} />
        <Pad name="left" sign="◀" title="Left" enabled={enabled} />
        <Pad name="right" sign="▶" title="Right" enabled={enabled} />
        <Pad name="down" sign="▼" title="Towards you" enabled={enabled} />
        <span className="wheel">
          <Pad name="nearer" sign="+" title="Objective nearer to the slide" enabled={enabled} />
          <span className="muted">z</span>
          <Pad name="away" sign="−" title="Objective away from the slide" enabled={enabled} />
        </span>
      </div>
      <div className="steps">
        <label>
          step
          <select
            data-testid="step-xy"
            value={String(stepXyUm)}
            onChange={(event) => chooseStep({ stepXyUm: Number(event.target.value) })}
          >
            {withChosen(steps, stepXyUm).map((um) => (
              <option key={um} value={String(um)}>
                {um === field ? `a field, ${um} µm` : um >= 1000 ? `${um / 1000} mm` : `${um} µm`}
              </option>
            ))}
          </select>
        </label>
        <label>
          z step
          <select
            data-testid="step-z"
            value={String(stepZUm)}
            onChange={(event) => chooseStep({ stepZUm: Number(event.target.value) })}
          >
            {withChosen(STEPS_Z_UM, stepZUm).map((um) => (
              <option key={um} value={String(um)}>
                {um} µm
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="muted microscope-hint">
        Hold to move, let go to stop. Keys: arrows and Page Up/Down once a button of the pad was pressed; Esc halts.
      </p>
    </div>
  )
}

/** A step kept from another microscope stays choosable. */
function withChosen(steps: readonly number[], chosen: number): readonly number[] {
  return steps.includes(chosen) ? steps : [...steps, chosen].sort((a, b) => a - b)
}

interface PadProps {
  readonly name: DirectionName
  readonly sign: string
  readonly title: string
  readonly enabled: boolean
}

function Pad({ name, sign, title, enabled }: PadProps) {
  return (
    <button
      type="button"
      className={`pad ${name}`}
      data-testid={`joystick-${name}`}
      title={title}
      aria-label={title}
      disabled={!enabled}
      onKeyDown={(event) => {
        if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) press(name)
      }}
      onKeyUp={(event) => {
        if (event.key === ' ' || event.key === 'Enter') release(name)
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        press(name)
      }}
      onPointerUp={() => release(name)}
      onPointerCancel={() => release(name)}
      onLostPointerCapture={() => release(name)}
    >
      {sign}
    </button>
  )
}
