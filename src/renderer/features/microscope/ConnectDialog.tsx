import { useEffect, useState } from 'react'
import type { StoredRig } from '../../../shared/contract/rigs.ts'
import { openDialog } from '../../app/dialogs.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { connect, removeRig, SIMULATED, saveRig, showBench } from './microscope-actions.ts'
import { connectedRig, readRigs, useMicroscope } from './microscope-store.ts'
import { RigEditor } from './RigEditor.tsx'
import { RigWizard } from './RigWizard.tsx'
import { CAMERA_NAMES, DRIVER_NAMES } from './rig-draft.ts'
import './connect.css'

type Page = { readonly kind: 'list' | 'wizard' } | { readonly kind: 'editor'; readonly rig: StoredRig | null }

/** Which microscope to connect: those whose files are here, a new one, or one from a file. */
export function ConnectDialog() {
  const [page, setPage] = useState<Page>({ kind: 'list' })
  useEffect(() => void readRigs(), [])
  const close = (): void => openDialog(null)
  const list = (): void => setPage({ kind: 'list' })
  const title = page.kind === 'list' ? 'Microscopes' : page.kind === 'wizard' ? 'Connect a new microscope' : 'Rig file'
  return (
    <Dialog title={title} testId="connect-dialog" onClose={close} wide>
      <div className="dialog-body connect">
        {page.kind === 'list' && <RigList onPage={setPage} onConnected={close} />}
        {page.kind === 'wizard' && <RigWizard onBack={list} onDone={close} />}
        {page.kind === 'editor' && <RigEditor stored={page.rig} onBack={list} />}
      </div>
    </Dialog>
  )
}

function RigList({ onPage, onConnected }: { readonly onPage: (page: Page) => void; readonly onConnected: () => void }) {
  const rigs = useMicroscope((state) => state.rigs)
  const folder = useMicroscope((state) => state.rigFolder)
  const problem = useMicroscope((state) => state.problem)
  const connecting = useMicroscope((state) => state.view?.connecting ?? false)
  const connected = useMicroscope((state) => connectedRig(state)?.rigId ?? null)
  const [removed, setRemoved] = useState<StoredRig | null>(null)

  const open = async (rig: StoredRig | null): Promise<void> => {
    const settings = rig?.rig ? { kind: 'microscope' as const, rig: rig.rig } : SIMULATED
    if (!(await connect(settings, rig?.rigId ?? null))) return
    showBench(true)
    onConnected()
  }
  const remove = async (rig: StoredRig): Promise<void> => {
    if (await removeRig(rig.rigId)) setRemoved(rig)
  }
  const takeBack = async (): Promise<void> => {
    if (removed?.rig && (await saveRig(removed.rig, removed.rigId))) setRemoved(null)
  }

  return (
    <>
      <ul className="rig-list" data-testid="rig-list">
        {rigs?.map((rig) => (
          <li key={rig.rigId} data-testid={`rig-${rig.rigId}`}>
            <span className="rig-name">
              {rig.rig?.name ?? rig.rigId}
              {connected === rig.rigId && <i className="in-use">connected</i>}
              <small className={rig.rig ? 'muted' : 'saturated'}>
                {rig.rig
                  ? `${DRIVER_NAMES[rig.rig.stage.driver]} on ${rig.rig.stage.port}; ${CAMERA_NAMES[rig.rig.camera.kind]}`
                  : `The file is not as it should be: ${rig.problem}`}
              </small>
            </span>
            <button
              type="button"
              data-testid={`connect-${rig.rigId}`}
              disabled={!rig.rig || connecting}
              onClick={() => void open(rig)}
            >
              Connect
            </button>
            <button type="button" data-testid={`edit-${rig.rigId}`} onClick={() => onPage({ kind: 'editor', rig })}>
              Open file
            </button>
            <button
              type="button"
              className="plain"
              aria-label={`Remove ${rig.rig?.name ?? rig.rigId}`}
              title="Remove the file"
              onClick={() => void remove(rig)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        <li>
          <span className="rig-name">
            Simulated microscope
            <small className="muted">
              a seeded smear, a stage and a camera that look at it; no instrument is needed
            </small>
          </span>
          <button type="button" data-testid="connect-simulated" disabled={connecting} onClick={() => void open(null)}>
            Connect
          </button>
        </li>
      </ul>
      {removed && (
        <p className="models-note">
          {removed.rig?.name ?? removed.rigId} was removed.{' '}
          {removed.rig && (
            <button type="button" className="link" onClick={() => void takeBack()}>
              Take it back
            </button>
          )}
        </p>
      )}
      {problem && (
        <p className="bench-problem" role="alert" data-testid="connect-problem">
          <b>{problem.message}</b> {problem.remedy}
        </p>
      )}
      <div className="dialog-actions">
        <span className="muted rig-folder">{folder}</span>
        <button type="button" data-testid="rig-from-file" onClick={() => onPage({ kind: 'editor', rig: null })}>
          <Icon name="folder" /> From a rig file…
        </button>
        <button type="button" className="primary" data-testid="rig-new" onClick={() => onPage({ kind: 'wizard' })}>
          <Icon name="plus" /> New microscope…
        </button>
      </div>
    </>
  )
}
