import { useState } from 'react'
import type { SerialPortFound } from '../../../shared/contract/devices.ts'
import { bench } from '../../app/bench.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { DRIVER_NAMES } from './rig-draft.ts'

interface Props {
  /** Asked as well, if the system does not list it. */
  readonly port: string
  readonly onFound: (found: SerialPortFound) => void
}

/** Asks on every port who is there. Nothing moves; boards that restart when their port is opened are asked only on demand. */
export function PortFinder({ port, onFound }: Props) {
  const [restarting, setRestarting] = useState(false)
  const [looking, setLooking] = useState(false)
  const [ports, setPorts] = useState<readonly SerialPortFound[] | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

  const look = async (): Promise<void> => {
    setLooking(true)
    setProblem(null)
    try {
      const { ports: found } = await bench.devices.list({ ports: port.trim() ? [port.trim()] : [], restarting })
      setPorts(found)
    } catch (error) {
      setProblem(describeProblem(error))
    } finally {
      setLooking(false)
    }
  }

  return (
    <div className="wide-row port-finder">
      <div className="row">
        <button type="button" data-testid="find-controllers" disabled={looking} onClick={() => void look()}>
          {looking ? 'Asking every port…' : 'Look for controllers'}
        </button>
        <label className="row">
          <input
            type="checkbox"
            data-testid="ask-restarting"
            checked={restarting}
            onChange={(event) => setRestarting(event.target.checked)}
          />
          also boards that restart when they are asked (GRBL, Marlin, Sangaboard, UC2): they forget where they are
        </label>
      </div>
      {problem && (
        <p className="bench-problem" role="alert">
          <b>{problem.message}</b> {problem.remedy}
        </p>
      )}
      {ports && (
        <ul className="rig-list" data-testid="ports">
          {ports.length === 0 && <li className="muted">The system lists no serial port. Type one below.</li>}
          {ports.map((found) => (
            <li key={found.path}>
              <span className="rig-name">
                {found.path}
                <small className="muted">
                  {found.controller
                    ? `${DRIVER_NAMES[found.controller.driver]}: ${found.controller.identity}, ${found.controller.baud} baud`
                    : found.note}
                  {found.manufacturer && ` (${found.manufacturer})`}
                </small>
              </span>
              <button type="button" data-testid="choose-port" onClick={() => onFound(found)}>
                Choose
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
