import type { RigFile } from '../../../shared/contract/rig.ts'
import { useLivePicture } from './live-picture.ts'
import { connect, saveRig, showBench } from './microscope-actions.ts'
import { useMicroscope } from './microscope-store.ts'
import { activityWords } from './microscope-words.ts'
import { StagePosition } from './StagePosition.tsx'

interface Props {
  /** null: not complete yet. */
  readonly rig: RigFile | null
  readonly problems: readonly string[]
  readonly onSaved: () => void
}

/** Opens what was set up, shows who answers and what the camera sees, and keeps it. */
export function RigTrial({ rig, problems, onSaved }: Props) {
  const view = useMicroscope((state) => state.view)
  const refused = useMicroscope((state) => state.problem)
  const tried = view?.rig?.settings.kind === 'microscope' && view.rig.name === rig?.name && view.holder === 'hands'
  const picture = useLivePicture(tried ? (view?.frame?.sequence ?? null) : null)
  const save = async (): Promise<void> => {
    if (!rig || !(await saveRig(rig, null))) return
    showBench(true)
    onSaved()
  }
  return (
    <div className="trial">
      <ul className="rig-problems" data-testid="draft-problems" role="status">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
        {refused && <li>{`${refused.message} ${refused.remedy}`}</li>}
      </ul>
      <div className="row">
        <button
          type="button"
          data-testid="try-rig"
          disabled={!rig || view?.connecting}
          onClick={() => rig && void connect({ kind: 'microscope', rig }, null)}
        >
          {view?.connecting ? 'Connecting…' : 'Try it'}
        </button>
        <button type="button" className="primary" data-testid="save-draft" disabled={!rig} onClick={() => void save()}>
          Save the rig file
        </button>
        <span className="muted">Trying opens stage and camera; nothing moves.</span>
      </div>
      {tried && view?.stage && (
        <div className="trial-result" data-testid="trial-result">
          <div className="live-view">
            {picture ? <img src={picture} alt="Newest frame of the camera" /> : <p>No frame yet.</p>}
          </div>
          <div>
            <p>
              <b>{view.stage.identity ?? view.stage.name}</b>
            </p>
            <p>{activityWords(view)}</p>
            <StagePosition position={view.stage.position} />
            <p className="muted">{view.camera?.name}</p>
            {view.problem && <p className="saturated">{`${view.problem.message} ${view.problem.remedy}`}</p>}
          </div>
        </div>
      )}
    </div>
  )
}
