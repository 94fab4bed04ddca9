import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import type { Camera } from '../../microscope/camera/camera.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { LiveView } from '../live-view.ts'
import type { RigKeeper } from './rig-keeper.ts'

/** The microscope as the window shows it, at this moment. */
export function viewOf(keeper: RigKeeper, live: LiveView): MicroscopeView {
  const { open, lent, hands, connecting } = keeper
  return {
    holder: lent?.to ?? (hands ? 'hands' : 'nobody'),
    activity: lent?.activity ?? hands?.activity ?? null,
    connecting,
    rig: open && { name: open.rig.name, rigId: open.rigId, settings: open.settings },
    stage: open && stageOf(open.rig, keeper),
    camera: open && cameraOf(open.rig.camera),
    // No driver moves a nosepiece or a lamp.
    objective: null,
    lamp: null,
    frame: open && live.stats(),
    problem: hands?.problem ?? null,
    log: keeper.log.lines,
  }
}

function stageOf({ stage, driven }: StageRig, { position, hands }: RigKeeper): NonNullable<MicroscopeView['stage']> {
  return {
    name: stage.name,
    identity: driven?.identity ?? null,
    state: driven?.state ?? (hands?.activity ? 'moving' : 'idle'),
    position,
    limits: stage.limits,
    retractedZUm: stage.retractedZUm,
    canHome: driven?.canHome ?? false,
  }
}

function cameraOf(camera: Camera): NonNullable<MicroscopeView['camera']> {
  const { name, state, widthPx, heightPx, pixelSizeUm, flow, controls, values } = camera
  return { name, state, widthPx, heightPx, pixelSizeUm, ...flow, controls: { ...controls }, values: { ...values } }
}
