import type { ReactNode } from 'react'
import type { ClassTrust } from '../../../shared/contract/evidence.ts'
import { cellClass, RESEARCH_USE_ONLY, TAXONOMY } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { Swatch } from '../../ui/ClassName.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { openModelCard, openTrust } from './trust-actions.ts'
import { besideReference, figureText, TRUST_KINDS, trustSentences, wholePercent } from './trust-words.ts'

/** What the run's model is worth on one class: figures, words, the commonest mistakes. */
export function TrustCard() {
  const code = useDesk((state) => state.trustClass)
  const trust = useDesk((state) => (code ? (state.trust?.classes.get(code) ?? null) : null))
  const model = useDesk((state) => state.trust?.model ?? null)
  const name = code ? cellClass(code).name : ''
  return (
    <Dialog title={`Evidence: ${name}`} testId="trust-card" onClose={() => openDialog(null)}>
      <div className="dialog-body trust-card">
        {!trust || !model ? (
          <p>Nothing is known of what named these cells: no model, or one from before Medulla kept its evidence.</p>
        ) : (
          <>
            <p className="trust-kind">
              <Swatch code={trust.class} />
              <b>{trust.class}</b> {TRUST_KINDS[trust.images].sign} {TRUST_KINDS[trust.images].words}
              {trust.n > 0 && `, n = ${trust.n}`}
              <span className="muted">
                {model.name} {model.version}
              </span>
            </p>
            {trust.images !== 'none' && <Figures trust={trust} />}
            {trustSentences(trust).map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            <Mistakes label="Instead it was called" entries={trust.takenFor} />
            <Mistakes label="Called so, but was" entries={trust.takenForIt} />
            <p className="muted">
              Figures as the model's package states them, on images like those it was made from; on another laboratory's
              stain and camera expect less. Intervals are exact (Clopper-Pearson, 95 %). Reference network: ResNeXt-50,
              Matek et al. 2021, Blood 138:1917, Table 1, on {trust.reference.images.toLocaleString('en')} images of the
              class.
            </p>
          </>
        )}
        <p className="muted">{RESEARCH_USE_ONLY}</p>
        <div className="dialog-actions">
          <Neighbour step={-1} />
          <Neighbour step={1} />
          <span className="spread" />
          <button type="button" data-testid="trust-model-card" onClick={() => openModelCard(null)}>
            The model's card
          </button>
        </div>
      </div>
    </Dialog>
  )
}

function Figures({ trust }: { readonly trust: ClassTrust }) {
  const rows = [
    ['Recall', trust.recall, trust.reference.recall],
    ['Precision', trust.precision, trust.reference.precision],
  ] as const
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col" />
          <th scope="col">this model</th>
          <th scope="col">reference network</th>
          <th scope="col">
            <span className="visually-hidden">how they lie</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, figure, reference]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{figureText(figure)}</td>
            <td>{wholePercent(reference)} %</td>
            <td className="muted">{trust.images === 'real' ? besideReference(figure, reference) : null}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Mistakes({ label, entries }: { readonly label: string; readonly entries: ClassTrust['takenFor'] }): ReactNode {
  if (entries.length === 0) return null
  return (
    <p>
      {label}:{' '}
      {entries.map((entry) => (
        <span key={entry.class} className="mistake" title={cellClass(entry.class).name}>
          <Swatch code={entry.class} /> {entry.class} <b>{entry.count}</b>
        </span>
      ))}
    </p>
  )
}

/** The class before or after in the differential's order. */
function Neighbour({ step }: { readonly step: 1 | -1 }) {
  const code = useDesk((state) => state.trustClass)
  const at = TAXONOMY.findIndex((entry) => entry.code === code)
  const next = TAXONOMY[at + step]
  if (at < 0 || !next) return null
  return (
    <button type="button" onClick={() => openTrust(next.code)}>
      {step < 0 && '‹ '}
      {next.code}
      {step > 0 && ' ›'}
    </button>
  )
}
