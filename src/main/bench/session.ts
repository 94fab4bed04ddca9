import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { StageRect } from '../../shared/contract/area.ts'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import type { RunSummary, StartRun } from '../../shared/contract/runs.ts'
import { MedullaError } from '../../shared/errors.ts'
import { stageUm } from '../../shared/geometry.ts'
import type { Casebook, RunPlan } from '../casebook/casebook.ts'
import { listImages } from '../images/list-images.ts'
import { calibratedRig } from '../microscope/calibration/calibrated-rig.ts'
import { inUse } from '../microscope/calibration/in-use.ts'
import type { FocusMap } from '../microscope/focus/focus-map.ts'
import type { StageRig } from '../microscope/rig.ts'
import type { FieldSource } from '../scan/field-source.ts'
import { type FolderPlan, folderPlan } from '../scan/folder-plan.ts'
import { FolderSource } from '../scan/folder-source.ts'
import type { LastFieldMatch } from '../scan/last-field.ts'
import { planArea } from '../scan/plan-area.ts'
import type { Registrar } from '../scan/registration/registrar.ts'
import { fieldCount, focusMap, plannedField, type StagePlan, slideSizePx, stagePlan } from '../scan/stage-plan.ts'
import { StageSource } from '../scan/stage-source.ts'
import { VIRTUAL_SLIDE_PX } from '../slide/layout.ts'
import type { Slide } from '../slide/slide.ts'
import type { Analyser } from '../vision/analysis.ts'
import { settlePixelSize } from '../vision/settle-pixel-size.ts'
import { timeScaleOf } from './calibrations-in-use.ts'
import { openCalibrated, pixelSizeOf } from './open-calibrated.ts'

/** The microscope for a scan alone, until it is closed. */
export type Lend = (settings: StageRigSettings) => Promise<StageRig>

export interface SessionParts {
  readonly casebook: Casebook
  readonly analyser: () => Analyser
  readonly lend: Lend
}

/** The run that a session's source works for. */
export interface SessionRun {
  readonly casebook: Casebook
  readonly runId: number
  readonly slide: Pick<Slide, 'field'>
  readonly registrar: Registrar
  /** Whether its last field has to look as it did before it goes on. */
  readonly compare: boolean
  readonly onActivity: () => void
  readonly onMatch: (match: LastFieldMatch) => void
}

/** What a run captures with, from before its first field until it is over. */
export interface Session {
  /** Of a new run: what the casebook keeps of the plan. */
  readonly plan: RunPlan
  /** Pixels of a field; null: not known before its image is there. */
  readonly fieldPx: number | null
  /** Only once: the source of the run, which may have fields already. */
  source(run: SessionRun): FieldSource
  close(): Promise<void>
}

/**
 * Opens what a new run needs. Rejects `images-missing`, `pixel-size-implausible`, `pixel-size-unknown`, `device-failed` before anything is
 * stored.
 */
export async function openSession(
  { rig, area, order }: Pick<StartRun, 'rig' | 'area' | 'order'>,
  { casebook, analyser, lend }: SessionParts,
): Promise<Session> {
  if (rig.kind === 'folder' && area) {
    throw new MedullaError('invalid-input', 'A folder of images has no area to choose.', {
      remedy: 'Scan all of it, or choose a microscope.',
    })
  }
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
  const { rig: opened, calibrations } = await openCalibrated(rig, casebook, lend)
  try {
    const focusPrior = area?.overviewId == null ? null : overviewFocus(casebook, area.overviewId, rig)
    return stageSession(opened, await newStagePlan(opened, { area, order, focusPrior, calibrations }))
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

interface Wanted extends Pick<StartRun, 'area' | 'order'> {
  readonly focusPrior: FocusMap | null
  readonly calibrations: readonly number[]
}

async function newStagePlan(rig: StageRig, { area, order, focusPrior, calibrations }: Wanted): Promise<RunPlan> {
  const { widthPx, heightPx } = rig.camera
  const camera = { widthPx, heightPx, pixelSizeUm: pixelSizeOf(rig), placeErrorUm: rig.placeErrorUm }
  const from = order === 'nearest' ? await rig.stage.position() : null
  const wanted = area ?? { rects: [wholeArea(rig)], excluded: [] }
  const plan = planArea(wanted, camera, order, from && stageUm(from.xUm, from.yUm))
  if (!plan) {
    throw new MedullaError('invalid-input', 'Nothing of the area is left to scan.', {
      remedy: 'Exclude less of it, or choose a larger area.',
    })
  }
  requireReach(plan, rig)
  const size = slideSizePx(plan)
  return {
    plan: JSON.stringify({ ...plan, focusPrior, calibrations: [...calibrations] } satisfies StagePlan),
    plannedFields: fieldCount(plan),
    slideWidthPx: size.widthPx,
    slideHeightPx: size.heightPx,
    pixelSizeUm: plan.pixelSizeUm,
  }
}

function wholeArea({ area, name }: StageRig): StageRect {
  if (area) return { xUm: area.origin.x, yUm: area.origin.y, widthUm: area.width, heightUm: area.height }
  throw new MedullaError('device-failed', `${name} does not say where the smear lies.`, {
    remedy:
      'Look over the smear first and choose an area, or write the area to scan into the rig file (area.x and area.y, micrometres of the stage).',
  })
}

/** Every field, before anything moves. */
function requireReach(plan: StagePlan, { stage }: StageRig): void {
  const { x, y } = stage.limits
  for (let index = 0; index < fieldCount(plan); index++) {
    const { centre } = plannedField(plan, index)
    if (centre.x >= x.minUm && centre.x <= x.maxUm && centre.y >= y.minUm && centre.y <= y.maxUm) continue
    throw new MedullaError('position-out-of-limits', 'The area reaches beyond the limits of the stage.', {
      remedy: `Keep x between ${x.minUm} and ${x.maxUm} µm, y between ${y.minUm} and ${y.maxUm} µm.`,
      motionPossible: false,
    })
  }
}

/** The heights that an overview of the same microscope found: where the run's own searches begin. */
function overviewFocus(casebook: Casebook, overviewId: number, rig: StageRigSettings): FocusMap | null {
  const overview = casebook.overview(overviewId)
  const kept = casebook.overviewFocus(overviewId)
  if (kept === null || !isDeepStrictEqual(overview.rig, rig)) return null
  return focusMap.parse(JSON.parse(kept))
}

function folderSession(plan: RunPlan): Session {
  return {
    plan,
    fieldPx: null,
    source: ({ casebook, runId }) => new FolderSource(folderPlan.parse(JSON.parse(plan.plan)), casebook.fields(runId)),
    close: async () => undefined,
  }
}

function stageSession(rig: StageRig, plan: RunPlan): Session {
  return {
    plan,
    fieldPx: rig.camera.widthPx * rig.camera.heightPx,
    source: ({ casebook, runId, slide, registrar, compare, onActivity, onMatch }) =>
      new StageSource({
        rig,
        plan: stagePlan.parse(JSON.parse(plan.plan)),
        fields: casebook.fields(runId),
        kept: (index) => slide.field(index),
        registrar,
        compare,
        savePlan: (changed) => casebook.setRunPlan(runId, JSON.stringify(changed)),
        onActivity,
        onMatch,
      }),
    close: () => rig.close(),
  }
}
