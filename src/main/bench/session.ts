import { resolve } from 'node:path'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import type { RigSettings, RunSummary } from '../../shared/contract/runs.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { Casebook, RunPlan } from '../casebook/casebook.ts'
import { listImages } from '../images/list-images.ts'
import { calibratedRig } from '../microscope/calibration/calibrated-rig.ts'
import { inUse } from '../microscope/calibration/in-use.ts'
import type { StageRig } from '../microscope/rig.ts'
import type { FieldSource } from '../scan/field-source.ts'
import { type FolderPlan, folderPlan } from '../scan/folder-plan.ts'
import { FolderSource } from '../scan/folder-source.ts'
import { fieldCount, planStage, type StagePlan, slideSizePx, stagePlan } from '../scan/stage-plan.ts'
import { StageSource } from '../scan/stage-source.ts'
import { VIRTUAL_SLIDE_PX } from '../slide/layout.ts'
import type { Analyser } from '../vision/analysis.ts'
import { settlePixelSize } from '../vision/settle-pixel-size.ts'
import { calibrationsInUse, timeScaleOf } from './calibrations-in-use.ts'

/** The microscope for a scan alone, until it is closed. */
export type Lend = (settings: StageRigSettings) => Promise<StageRig>

export interface SessionParts {
  readonly casebook: Casebook
  readonly analyser: () => Analyser
  readonly lend: Lend
}

/** What a run captures with, from before its first field until it is over. */
export interface Session {
  /** Of a new run: what the casebook keeps of the plan. */
  readonly plan: RunPlan
  /** Pixels of a field; null: not known before its image is there. */
  readonly fieldPx: number | null
  /** Only once: the source of the run, which may have fields already. */
  source(casebook: Casebook, runId: number, onActivity: () => void): FieldSource
  close(): Promise<void>
}

/**
 * Opens what a new run needs. Rejects `images-missing`, `pixel-size-implausible`, `pixel-size-unknown`, `device-failed` before anything is
 * stored.
 */
export async function openSession(rig: RigSettings, { casebook, analyser, lend }: SessionParts): Promise<Session> {
  if (rig.kind === 'folder') {
    const images = resolve(rig.images)
    // A watched folder may fill later, but a pixel size is estimated from what is there now.
    const found = rig.watch && rig.pixelSizeUm !== 'auto' ? [] : await listImages(images)
    const settled = await settlePixelSize(rig.pixelSizeUm, found, analyser())
    return folderSession({
      plan: JSON.stringify({ kind: 'folder', images, ...settled, watch: rig.watch } satisfies FolderPlan),
      plannedFields: rig.watch ? null : found.length,
      slideWidthPx: VIRTUAL_SLIDE_PX,
      slideHeightPx: VIRTUAL_SLIDE_PX,
      pixelSizeUm: settled.pixelSizeUm,
    })
  }
  const calibrations = calibrationsInUse(casebook, rig)
  const opened = await lend(rig)
  try {
    const calibrated = calibratedRig(opened, inUse(calibrations), timeScaleOf(rig))
    const plan = newStagePlan(
      calibrated,
      calibrations.map(({ id }) => id),
    )
    return stageSession(calibrated, plan)
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** Opens what a run that stopped needs to go on: the same rig, the same plan, the calibrations it was begun with. */
export async function reopenSession(
  run: RunSummary,
  plan: RunPlan,
  { casebook, lend }: Pick<SessionParts, 'casebook' | 'lend'>,
): Promise<Session> {
  if (run.rig.kind === 'folder') return folderSession(plan)
  const { calibrations } = stagePlan.parse(JSON.parse(plan.plan))
  const opened = await lend(run.rig)
  try {
    return stageSession(
      calibratedRig(opened, inUse(calibrations.map(casebook.calibration)), timeScaleOf(run.rig)),
      plan,
    )
  } catch (error) {
    await opened.close()
    throw error
  }
}

function newStagePlan(rig: StageRig, calibrations: readonly number[]): RunPlan {
  const { camera, area } = rig
  if (camera.pixelSizeUm === null) {
    throw new MedullaError('device-failed', `The pixel size of ${rig.name} is not known.`, {
      remedy: 'Calibrate it (`calibrate pixel-size`), or write camera.pixelSizeUm into the rig file, before scanning.',
    })
  }
  if (area === null) {
    throw new MedullaError('device-failed', `${rig.name} does not say where the smear lies.`, {
      remedy: 'Write the area to scan into the rig file (area.x and area.y, micrometres of the stage).',
    })
  }
  const plan = planStage(area, {
    ...camera,
    widthPx: camera.widthPx,
    heightPx: camera.heightPx,
    pixelSizeUm: camera.pixelSizeUm,
    placeErrorUm: rig.placeErrorUm,
  })
  const size = slideSizePx(plan)
  return {
    plan: JSON.stringify({ ...plan, calibrations: [...calibrations] } satisfies StagePlan),
    plannedFields: fieldCount(plan),
    slideWidthPx: size.widthPx,
    slideHeightPx: size.heightPx,
    pixelSizeUm: plan.pixelSizeUm,
  }
}

function folderSession(plan: RunPlan): Session {
  return {
    plan,
    fieldPx: null,
    source: (casebook, runId) => new FolderSource(folderPlan.parse(JSON.parse(plan.plan)), casebook.fields(runId)),
    close: async () => undefined,
  }
}

function stageSession(rig: StageRig, plan: RunPlan): Session {
  return {
    plan,
    fieldPx: rig.camera.widthPx * rig.camera.heightPx,
    source: (casebook, runId, onActivity) =>
      new StageSource(
        rig,
        stagePlan.parse(JSON.parse(plan.plan)),
        casebook.fields(runId).length,
        (focused) => casebook.setRunPlan(runId, JSON.stringify(focused)),
        onActivity,
      ),
    close: () => rig.close(),
  }
}
