import { useState } from 'react'
import type { StoredRig } from '../../../shared/contract/rigs.ts'
import { saveRig } from './microscope-actions.ts'
import { useMicroscope } from './microscope-store.ts'
import { useRigCheck } from './use-rig-check.ts'

interface Props {
  /** null: a new one, from a file or pasted. */
  readonly stored: StoredRig | null
  readonly onBack: () => void
}

/** A rig file as text: to read, change, add and share. */
export function RigEditor({ stored, onBack }: Props) {
  const [text, setText] = useState(stored?.rig ? JSON.stringify(stored.rig, null, 2) : '')
  const { rig, problems } = useRigCheck(text)
  const refused = useMicroscope((state) => state.problem)

  const save = async (): Promise<void> => {
    if (rig && (await saveRig(rig, stored?.rigId ?? null))) onBack()
  }
  const share = (): void => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([`${text.trimEnd()}\n`], { type: 'application/json' }))
    link.download = `${stored?.rigId ?? 'rig'}.json`
    link.click()
    // The download has begun with the click.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  }

  return (
    <>
      {stored ? (
        <p className="muted rig-folder">{stored.path}</p>
      ) : (
        <p className="rig-from">
          <label>
            A rig file of this computer{' '}
            <input
              type="file"
              accept=".json,application/json"
              data-testid="rig-file"
              onChange={(event) => {
                const file = event.target.files?.[0]
                if (file) void file.text().then(setText)
              }}
            />
          </label>
          <span className="muted">or paste its text here:</span>
        </p>
      )}
      <textarea
        className="rig-text"
        aria-label="Text of the rig file"
        data-testid="rig-text"
        spellCheck={false}
        rows={20}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul className="rig-problems" data-testid="rig-problems" role="status">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
        {rig && <li className="fine">This is a rig file: {rig.name}.</li>}
        {refused && <li>{`${refused.message} ${refused.remedy}`}</li>}
      </ul>
      <div className="dialog-actions">
        <button type="button" onClick={onBack}>
          Back
        </button>
        <button type="button" data-testid="rig-share" disabled={text.trim() === ''} onClick={share}>
          Save a copy to share
        </button>
        <button type="button" className="primary" data-testid="rig-save" disabled={!rig} onClick={() => void save()}>
          Save
        </button>
      </div>
    </>
  )
}
