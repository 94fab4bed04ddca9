import { useEffect, useState } from 'react'
import { RESEARCH_USE_ONLY, TAXONOMY } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { describeProblem, type Problem } from '../../app/problem.ts'
import { Swatch } from '../../ui/ClassName.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Markdown } from '../../ui/Markdown.tsx'
import { askForTrust, type ModelTrust } from './model-trust.ts'
import { openTrust } from './trust-actions.ts'
import { figureText, TRUST_KINDS, wholePercent } from './trust-words.ts'

type Whose = 'use' | 'run'

/** What a model says of itself: its figures class by class, and the card of its package. */
export function ModelCard() {
  const ofRun = useDesk((state) => state.trust)
  const named = useDesk((state) => state.cardModel)
  const [asked, setAsked] = useState<ModelTrust | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [whose, setWhose] = useState<Whose>('use')
  useEffect(() => {
    const abort = new AbortController()
    askForTrust({ model: named }, abort.signal).then(setAsked, (error: unknown) => {
      if (!abort.signal.aborted) setProblem(describeProblem(error))
    })
    return () => abort.abort()
  }, [named])
  // The footer speaks of the model in use; the cells on the desk may have been named by another.
  const other = named === null && ofRun?.model && asked?.model && ofRun.model.sha256 !== asked.model.sha256
  const shown = other && whose === 'run' ? ofRun : asked
  const model = shown?.model ?? null
  return (
    <Dialog
      title={model ? `${model.name}, version ${model.version}` : 'The model'}
      testId="model-card"
      wide
      onClose={() => openDialog(null)}
    >
      <div className="dialog-body model-card">
        {other && (
          <fieldset className="segments whose">
            <legend className="visually-hidden">Whose card</legend>
            {(['use', 'run'] as const).map((option) => (
              <label key={option}>
                <input type="radio" name="whose" checked={whose === option} onChange={() => setWhose(option)} />
                {option === 'use'
                  ? `in use: ${asked?.model?.name} ${asked?.model?.version}`
                  : `named these cells: ${ofRun?.model?.name} ${ofRun?.model?.version}`}
              </label>
            ))}
          </fieldset>
        )}
        {problem && (
          <p role="alert">
            {problem.message} {problem.remedy}
          </p>
        )}
        {!model && !problem && <p className="muted">{asked ? 'There is no model.' : 'Reading the card…'}</p>}
        {model && shown && (
          <>
            <p className="muted">
              {model.classes.length} classes, looks at {model.inputPx} pixels of {model.pixelSizeUm} µm, licence{' '}
              {model.licence}, sha256 {model.sha256.slice(0, 12)}…{model.variant === 'int8' && ', 8 bit weights'}
            </p>
            {model.unsure && (
              <p>
                A cell it is less than {wholePercent(model.unsure.below)} % sure of is <b>unsure</b>: of the others at
                most {(model.unsure.errorRate * 100).toFixed(1)} % were wrong among {model.unsure.n} validation images,
                of which {wholePercent(model.unsure.share)} % were unsure.
              </p>
            )}
            <FigureTable trust={shown} ofRun={model.sha256 === ofRun?.model?.sha256} />
            <p className="muted">
              As the package states them, 95 % intervals exact. Reference: ResNeXt-50, Matek et al. 2021, Blood
              138:1917, Table 1.
            </p>
            <Markdown text={model.card} />
          </>
        )}
        <p className="muted">{RESEARCH_USE_ONLY}</p>
        <div className="dialog-actions">
          <button type="button" data-testid="to-models" onClick={() => openDialog('models')}>
            Models…
          </button>
        </div>
      </div>
    </Dialog>
  )
}

interface FigureTableProps {
  readonly trust: ModelTrust
  /** Its classes have cards, as it named the cells on the desk. */
  readonly ofRun: boolean
}

function FigureTable({ trust, ofRun }: FigureTableProps) {
  return (
    <table className="figures" data-testid="model-figures">
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col">evidence</th>
          <th scope="col">n</th>
          <th scope="col">recall</th>
          <th scope="col">precision</th>
          <th scope="col">reference recall</th>
        </tr>
      </thead>
      <tbody>
        {TAXONOMY.map(({ code, name }) => {
          const entry = trust.classes.get(code)
          return entry ? (
            <tr key={code}>
              <th scope="row">
                <button type="button" className="plain" disabled={!ofRun} onClick={() => openTrust(code)}>
                  <Swatch code={code} /> {code} <span className="muted">{name}</span>
                </button>
              </th>
              <td>
                {TRUST_KINDS[entry.images].sign} {entry.images}
              </td>
              <td>{entry.n}</td>
              <td>{figureText(entry.recall)}</td>
              <td>{figureText(entry.precision)}</td>
              <td>{wholePercent(entry.reference.recall)} %</td>
            </tr>
          ) : null
        })}
      </tbody>
    </table>
  )
}
