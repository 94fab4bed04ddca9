import { stageUm } from '../../shared/geometry.ts'
import type { StageRig } from './rig.ts'
import { createWorld } from './simulator/create-world.ts'
import { DEFAULT_EFFECTS } from './simulator/effects.ts'
import { SimulatedCamera } from './simulator/simulated-camera.ts'
import type { SimulatedCameraOptions } from './simulator/simulated-camera-options.ts'
import { chanceOf } from './simulator/simulated-chance.ts'
import { SimulatedStage } from './simulator/simulated-stage.ts'
import type { SimulatedStageOptions } from './simulator/simulated-stage-options.ts'
import type { ImageEffects, Profile, World } from './simulator/world.ts'

export interface SimulatedRigOptions {
  readonly profile: Profile
  /** Of the smear and of everything that stage and camera draw by chance. */
  readonly seed: number
  /** 10: motion and exposure take a tenth of the time. Drawing the images takes as long as it takes. */
  readonly timeScale: number
  /** How the slide lies: see `SlideOptions.relief`. */
  readonly relief?: number
  /** What the rig says of its stage, see `StageRig`; absent: that it is a good one. */
  readonly placeErrorUm?: number
  /** What its height has that no map of nine places can know: see `SlideOptions.unevenness`. */
  readonly unevenness?: number
  readonly stage?: Partial<SimulatedStageOptions>
  readonly camera?: Partial<SimulatedCameraOptions>
  readonly effects?: Partial<ImageEffects>
}

export interface SimulatedRig extends StageRig {
  readonly stage: SimulatedStage
  readonly camera: SimulatedCamera
  readonly world: World
}

/** How far the stage goes beyond the smear on each side, micrometres. */
const MARGIN_UM = 1000
/** Neighbours of a stage with the usual error: see `DEFAULT_STAGE_OPTIONS`. */
const GOOD_PLACE_UM = 0.5
/** How far off the slide's height is when it has just been put in: the thickness of slides differs. */
const LOADING_ERROR_UM = 12

/** A microscope that exists only as a model: one seeded smear, and a stage and a camera that look at it. */
export async function openSimulatedRig(options: SimulatedRigOptions): Promise<SimulatedRig> {
  const { profile, relief, unevenness, ...devices } = options
  const world = createWorld({
    seed: options.seed,
    profile,
    ...(relief !== undefined && { relief }),
    ...(unevenness !== undefined && { unevenness }),
  })
  return openRigOn(world, devices)
}

/** The same devices in front of a world of one's own, which the rig closes. */
export function openRigOn(world: World, options: Omit<SimulatedRigOptions, 'profile' | 'relief'>): SimulatedRig {
  const { seed, timeScale } = options
  const { origin, width, height } = world.extent
  const { countable } = world
  const focusUm = world.bestFocusUm(
    stageUm(countable.origin.x + countable.width / 2, countable.origin.y + countable.height / 2),
  )
  const workingZUm = focusUm + LOADING_ERROR_UM * (2 * chanceOf(seed, 4) - 1)
  const stage = new SimulatedStage({
    seed,
    timeScale,
    limits: {
      x: { minUm: origin.x - MARGIN_UM, maxUm: origin.x + width + MARGIN_UM },
      y: { minUm: origin.y - MARGIN_UM, maxUm: origin.y + height + MARGIN_UM },
      z: { minUm: Math.floor(focusUm) - 1500, maxUm: Math.ceil(focusUm) + 100 },
    },
    retractedZUm: Math.floor(focusUm) - 1000,
    ...options.stage,
  })
  const effects = { ...DEFAULT_EFFECTS, ...options.effects }
  const camera = new SimulatedCamera(world, stage, { seed, timeScale, effects, ...options.camera })
  return {
    kind: 'stage',
    name: `Simulated microscope (${world.profile}, seed ${seed})`,
    stage,
    driven: null,
    camera,
    workingZUm,
    focusOffsetUm: 0,
    placeErrorUm: options.placeErrorUm ?? GOOD_PLACE_UM,
    area: countable,
    world,
    async close() {
      await stage.close()
      await camera.close()
      await world.close()
    },
  }
}
