import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { counted } from '../../ui/format.ts'
import { openModelCard } from '../trust/trust-actions.ts'

const SIGNS = { ok: '●', warning: '▲', problem: '■' } as const

export function Footer() {
  const system = useDesk((state) => state.system)
  const findings = useDesk((state) => state.findings)
  const reader = useDesk((state) => state.reader)
  const connection = useDesk((state) => state.connection)
  const correcting = useDesk((state) => state.correcting)
  const worst = !findings
    ? null
    : findings.some((finding) => finding.status === 'problem')
      ? 'problem'
      : findings.some((finding) => finding.status === 'warning')
        ? 'warning'
        : 'ok'
  const wrong = findings?.filter((finding) => finding.status !== 'ok').length ?? 0
  return (
    <footer className="footer">
      <strong data-testid="research-use-only">{RESEARCH_USE_ONLY}</strong>
      <span className="spread" />
      {correcting > 0 && (
        <span className="correcting" data-testid="correcting">
          {counted(correcting, 'correction')} on {correcting === 1 ? 'its' : 'their'} way to the bench
        </span>
      )}
      <span role="status">
        {connection === 'open'
          ? ''
          : connection === 'lost'
            ? 'connection to the bench lost, trying again'
            : 'reaching the bench'}
      </span>
      <button
        type="button"
        className="plain"
        data-testid="reader"
        title="Whose name labels carry"
        onClick={() => openDialog('reader')}
      >
        reader {reader === '' ? 'not named yet' : reader}
      </button>
      <button
        type="button"
        className="plain"
        data-testid="model"
        title="The model's card: what it is and what it is worth"
        onClick={() => openModelCard(null)}
      >
        {system?.model ? `model ${system.model.name} v${system.model.version}` : system ? 'no model' : ''}
      </button>
      <button
        type="button"
        className={`plain ${worst ?? ''}`}
        data-testid="devices"
        title="What the bench found on itself and its devices"
        onClick={() => openDialog('devices')}
      >
        {worst && <i aria-hidden="true">{SIGNS[worst]}</i>}
        devices{worst === 'ok' ? ' ready' : wrong > 0 ? `: ${wrong} to look at` : ''}
      </button>
    </footer>
  )
}
