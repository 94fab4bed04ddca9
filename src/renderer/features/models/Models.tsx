import { type FormEvent, useEffect, useId, useState } from 'react'
import type { Inference, StoredModel } from '../../../shared/contract/models.ts'
import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { openDialog } from '../../app/dialogs.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { openModelCard } from '../trust/trust-actions.ts'
import { Check } from './Check.tsx'
import {
  addModel,
  putToUse,
  readShelf,
  refOf,
  removeModel,
  stopVerifying,
  useShelf,
  verifyModel,
} from './model-shelf.ts'
import { ReadAgain, Reread } from './Reread.tsx'
import './models.css'

const PROVIDERS = { cuda: 'CUDA', dml: 'DirectML', coreml: 'Core ML', webgpu: 'WebGPU', cpu: 'the processor' } as const

/** The model packages on this bench: which is in use, and what may be done with each. */
export function Models() {
  const shelf = useShelf((state) => state.shelf)
  const busy = useShelf((state) => state.busy)
  const problem = useShelf((state) => state.problem)
  const [images, setImages] = useState('')
  useEffect(() => {
    void readShelf()
    return stopVerifying
  }, [])
  return (
    <Dialog title="Models" testId="models-dialog" wide onClose={() => openDialog(null)}>
      <div className="dialog-body models">
        {shelf?.overridden && (
          <p className="models-note">
            The model was named when the bench was started, and stays in use until it is started without. What is chosen
            here counts from then on.
          </p>
        )}
        {shelf?.problem && (
          <p role="alert" className="models-note">
            {shelf.problem.message} {shelf.problem.remedy}
          </p>
        )}
        {shelf === null ? (
          <p className="muted">Looking…</p>
        ) : (
          <ul className="model-list" data-testid="model-list">
            {shelf.models.map((model) => (
              <Row
                key={refOf(model)}
                model={model}
                inUse={shelf.inUse && model.inUse ? shelf.inUse : null}
                idle={busy === null}
                images={images.trim()}
              />
            ))}
          </ul>
        )}
        <Add idle={busy === null} />
        <p className="models-state" role="status" data-testid="models-state">
          {busy}
        </p>
        {problem && (
          <p className="models-problem" role="alert" data-testid="models-problem">
            <b>{problem.message}</b> {problem.remedy}
          </p>
        )}
        <Images images={images} onChange={setImages} />
        <p className="muted">{RESEARCH_USE_ONLY}</p>
      </div>
    </Dialog>
  )
}

interface RowProps {
  readonly model: StoredModel
  /** What it runs on, where it is the one in use. */
  readonly inUse: Inference | null
  readonly idle: boolean
  readonly images: string
}

function Row({ model, inUse, idle, images }: RowProps) {
  const [sure, setSure] = useState(false)
  const ref = refOf(model)
  return (
    <li data-testid={`model-${ref}`} data-in-use={model.inUse}>
      <div className="model-line">
        <span className="model-name">
          <b>{model.name}</b> {model.version}
          {model.inUse && <em className="in-use">in use</em>}
        </span>
        <span className="model-actions">
          {model.variants
            .filter((variant) => !model.inUse || (inUse !== null && inUse.variant !== variant))
            .map((variant) => (
              <button
                key={variant}
                type="button"
                disabled={!idle}
                data-testid={`use-${ref}-${variant}`}
                onClick={() => void putToUse(model, variant)}
              >
                {variant === 'int8' ? 'Use 8 bit' : model.inUse ? 'Use full weights' : 'Use'}
              </button>
            ))}
          {model.problem === null && (
            <>
              <button type="button" data-testid={`card-${ref}`} onClick={() => openModelCard(ref)}>
                Card
              </button>
              <button
                type="button"
                data-testid={`verify-${ref}`}
                title="Measure again what the package states"
                onClick={() => void verifyModel(model, images === '' ? null : images)}
              >
                Verify
              </button>
            </>
          )}
          {model.problem === null && <ReadAgain model={model} />}
          {!model.bundled && !model.inUse && (
            <button
              type="button"
              disabled={!idle}
              data-testid={`remove-${ref}`}
              title="Its files go; what it said of cells is kept"
              onBlur={() => setSure(false)}
              onClick={() => (sure ? void removeModel(model) : setSure(true))}
            >
              {sure ? 'Remove its files' : 'Remove'}
            </button>
          )}
        </span>
      </div>
      <p className="muted">
        {model.bundled ? 'comes with Medulla' : 'added'}
        {model.classes !== null && `, ${model.classes} classes`}
        {model.bytes >= 1e5 ? `, ${(model.bytes / 1e6).toFixed(1)} MB` : `, ${(model.bytes / 1e3).toFixed(1)} kB`}
        {model.variants.includes('int8') && ', also with 8 bit weights'}
        {inUse && `; runs on ${PROVIDERS[inUse.provider]}${inUse.variant === 'int8' ? ' with 8 bit weights' : ''}`}
      </p>
      {inUse && inUse.passedOver.length > 0 && (
        <p className="muted">
          Not on {inUse.passedOver.map(({ provider, reason }) => `${PROVIDERS[provider]}: ${reason}`).join('; ')}.
        </p>
      )}
      {model.problem && (
        <p role="alert">
          {model.problem.message} {model.problem.remedy}
        </p>
      )}
      <Reread model={model} />
      <Check model={model} />
    </li>
  )
}

function Add({ idle }: { readonly idle: boolean }) {
  const [path, setPath] = useState('')
  const id = useId()
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (path.trim() !== '' && (await addModel(path.trim()))) setPath('')
  }
  const choose = async (kind: 'folder' | 'zip'): Promise<void> => {
    const chosen = await window.medullaDesktop?.chooseModel(kind)
    if (chosen) setPath(chosen)
  }
  return (
    <form className="models-row" onSubmit={(event) => void submit(event)}>
      <label htmlFor={id}>Add a package</label>
      <input
        id={id}
        data-testid="model-path"
        value={path}
        placeholder="folder or .zip file on the bench's computer"
        spellCheck={false}
        onChange={(event) => setPath(event.target.value)}
      />
      {window.medullaDesktop && (
        <>
          <button type="button" onClick={() => void choose('folder')}>
            <Icon name="folder" /> Folder
          </button>
          <button type="button" onClick={() => void choose('zip')}>
            <Icon name="folder" /> Zip file
          </button>
        </>
      )}
      <button type="submit" data-testid="model-add" disabled={!idle || path.trim() === ''}>
        <Icon name="plus" /> Add
      </button>
    </form>
  )
}

interface ImagesProps {
  readonly images: string
  readonly onChange: (images: string) => void
}

/** Where the images lie on which stated figures are measured again. */
function Images({ images, onChange }: ImagesProps) {
  const id = useId()
  return (
    <div className="models-row">
      <label htmlFor={id}>Images to verify on</label>
      <input
        id={id}
        data-testid="model-images"
        value={images}
        placeholder="empty: hash and test crops alone"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      {window.medullaDesktop && (
        <button
          type="button"
          onClick={async () => {
            const folder = await window.medullaDesktop?.chooseFolder()
            if (folder) onChange(folder)
          }}
        >
          <Icon name="folder" /> Choose
        </button>
      )}
    </div>
  )
}
