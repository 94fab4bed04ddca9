import { type KeyboardEvent, type PointerEvent, useCallback, useState } from 'react'
import { loadSetting, saveSetting } from '../app/settings.ts'

interface Limits {
  readonly initial: number
  readonly least: number
  readonly most: number
}

export interface PanelSize extends Limits {
  readonly size: number
  readonly set: (size: number) => void
}

/** A panel's width or height, CSS pixels, kept between visits. */
export function usePanelSize(name: string, { initial, least, most }: Limits): PanelSize {
  const clamp = useCallback((size: number) => Math.round(Math.min(most, Math.max(least, size))), [least, most])
  const [size, setSize] = useState(() => clamp(loadSetting(`panel.${name}`, initial)))
  const set = useCallback(
    (wanted: number) => {
      setSize(clamp(wanted))
      saveSetting(`panel.${name}`, clamp(wanted))
    },
    [clamp, name],
  )
  return { size, set, initial, least, most }
}

const KEY_STEP_PX = 16

interface Props {
  readonly panel: PanelSize
  readonly label: string
  /** On which side of the handle the panel lies that it sizes. */
  readonly side: 'left' | 'right' | 'bottom'
}

/** The line between two panels: dragged, or moved with the arrow keys; a double click gives the first size back. */
export function Resizer({ panel, label, side }: Props) {
  const across = side === 'bottom'
  const sign = side === 'left' ? 1 : -1

  const drag = (down: PointerEvent<HTMLHRElement>): void => {
    down.preventDefault()
    const handle = down.currentTarget
    const from = across ? down.clientY : down.clientX
    handle.setPointerCapture(down.pointerId)
    const move = (event: globalThis.PointerEvent): void => {
      panel.set(panel.size + sign * ((across ? event.clientY : event.clientX) - from))
    }
    const end = (): void => {
      handle.removeEventListener('pointermove', move)
      handle.removeEventListener('pointerup', end)
      handle.removeEventListener('pointercancel', end)
    }
    handle.addEventListener('pointermove', move)
    handle.addEventListener('pointerup', end)
    handle.addEventListener('pointercancel', end)
  }

  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    panel.set(panel.size + sign * step * KEY_STEP_PX)
  }

  return (
    <hr
      className={across ? 'resizer across' : 'resizer'}
      aria-orientation={across ? 'horizontal' : 'vertical'}
      aria-label={label}
      aria-valuenow={panel.size}
      aria-valuemin={panel.least}
      aria-valuemax={panel.most}
      tabIndex={0}
      onPointerDown={drag}
      onDoubleClick={() => panel.set(panel.initial)}
      onKeyDown={onKey}
    />
  )
}
