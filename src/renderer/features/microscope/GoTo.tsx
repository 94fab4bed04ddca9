import { type FormEvent, useState } from 'react'
import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import { micrometres, millimetres } from '../../ui/format.ts'
import { goTo } from './microscope-actions.ts'

type Stage = NonNullable<MicroscopeView['stage']>

/** A number as typed, with a comma or a point. undefined: nothing typed. null: no number. */
function numberOf(text: string): number | null | undefined {
  if (text.trim() === '') return undefined
  const number = Number(text.trim().replace(',', '.'))
  return Number.isFinite(number) ? number : null
}

/** Coordinates to go to; an axis left empty stays where it is. */
export function GoTo({ stage, enabled }: { readonly stage: Stage; readonly enabled: boolean }) {
  const [typed, setTyped] = useState({ x: '', y: '', z: '' })
  const [problem, setProblem] = useState<string | null>(null)
  const { limits, position } = stage

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const [x, y, z] = [numberOf(typed.x), numberOf(typed.y), numberOf(typed.z)]
    if (x === null || y === null || z === null) return setProblem('Coordinates are numbers, such as 12.104.')
    if (x === undefined && y === undefined && z === undefined) return setProblem('Type where to go.')
    setProblem(null)
    const went = await goTo({
      ...(x !== undefined && { xUm: x * 1000 }),
      ...(y !== undefined && { yUm: y * 1000 }),
      ...(z !== undefined && { zUm: z }),
    })
    if (went) setTyped({ x: '', y: '', z: '' })
  }
  const mm = ({ minUm, maxUm }: { minUm: number; maxUm: number }) => `${minUm / 1000} to ${maxUm / 1000} mm`
  return (
    <form className="go-to" onSubmit={(event) => void submit(event)} noValidate>
      {(['x', 'y', 'z'] as const).map((axis) => (
        <label key={axis} title={axis === 'z' ? `${limits.z.minUm} to ${limits.z.maxUm} µm` : mm(limits[axis])}>
          {axis} {axis === 'z' ? 'µm' : 'mm'}
          <input
            data-testid={`go-${axis}`}
            inputMode="decimal"
            value={typed[axis]}
            placeholder={
              position ? (axis === 'z' ? micrometres(position.zUm) : millimetres(position[`${axis}Um`])) : '–'
            }
            onChange={(event) => setTyped({ ...typed, [axis]: event.target.value })}
          />
        </label>
      ))}
      <button type="submit" data-testid="go" disabled={!enabled}>
        Go
      </button>
      <p className="form-problem" role="alert">
        {problem}
      </p>
    </form>
  )
}
