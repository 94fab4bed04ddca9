import { useEffect } from 'react'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { examine } from '../../app/start.ts'
import { Dialog } from '../../ui/Dialog.tsx'

const WORDS = { ok: 'ready', warning: 'look at', problem: 'problem' } as const

/** What the bench says of itself: devices, model, disk; what is wrong, and the remedy. */
export function Devices() {
  const findings = useDesk((state) => state.findings)
  const system = useDesk((state) => state.system)
  useEffect(() => void examine(), [])
  return (
    <Dialog title="Devices and bench" testId="devices-dialog" onClose={() => openDialog(null)}>
      <div className="dialog-body">
        {findings === null ? (
          <p className="muted">Looking…</p>
        ) : (
          <ul className="findings">
            {findings.map((finding) => (
              <li key={`${finding.subject} ${finding.message}`} className={finding.status}>
                <b>{WORDS[finding.status]}</b>
                <span>
                  {finding.subject}: {finding.message}
                </span>
                {finding.remedy && <p className="muted">{finding.remedy}</p>}
              </li>
            ))}
          </ul>
        )}
        {system && (
          <p className="muted data-folder">
            Medulla {system.version}. Everything is kept in {system.dataFolder}
          </p>
        )}
      </div>
    </Dialog>
  )
}
