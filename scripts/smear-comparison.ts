/**
 * A picture of the simulated smear for the guide, or beside a real one for our own eyes.
 *
 *   node scripts/smear-comparison.ts --out docs/images/smear-comparison.jpg            four profiles, rendered only
 *   node scripts/smear-comparison.ts --out FILE.jpg --real FIELD.jpg [--profile aml]   a rendered field beside a real one
 *
 * Pictures with real image data stay outside the repository.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import type { OverlayOptions } from 'sharp'
import sharp from 'sharp'
import { createWorld } from '../src/main/microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../src/main/microscope/simulator/effects.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import { PROFILES } from '../src/main/microscope/simulator/world.ts'
import { RESEARCH_USE_ONLY } from '../src/shared/taxonomy.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    real: { type: 'string' },
    profile: { type: 'string', default: 'normal' },
    seed: { type: 'string', default: '1' },
  },
})
const profile = PROFILES.find((each) => each === values.profile)
if (!values.out || !profile) {
  console.error(
    `Usage: node scripts/smear-comparison.ts --out FILE.jpg [--real FIELD.jpg] [--profile ${PROFILES.join('|')}] [--seed 1]`,
  )
  process.exit(2)
}

const WIDTH = 800
const HEIGHT = 600
const CAPTION = 34

async function rendered(which: Profile, seed: number): Promise<Buffer> {
  const world = createWorld({ seed, profile: which })
  const { origin, width, height } = world.countable
  const centre = { x: origin.x + width * 0.4, y: origin.y + height * 0.45 }
  const image = await world.render({
    centre,
    zUm: world.bestFocusUm(centre),
    widthPx: 2 * WIDTH,
    heightPx: 2 * HEIGHT,
    pixelSizeUm: 0.092,
    travelUm: { x: 0, y: 0 },
    effects: DEFAULT_EFFECTS,
    noiseSeed: 1,
  })
  await world.close()
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 as const }
  return sharp(image.data, { raw }).resize(WIDTH, HEIGHT).png().toBuffer()
}

function caption(text: string, width: number): Buffer {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION}"><rect width="100%" height="100%" fill="#f4f4f2"/>
<text x="10" y="23" font-family="sans-serif" font-size="16" fill="#2b2d30">${text}</text></svg>`
  return Buffer.from(svg)
}

const seed = Number(values.seed)
const panels: { title: string; picture: Buffer }[] = []
if (values.real) {
  panels.push({ title: `Rendered: ${profile}`, picture: await rendered(profile, seed) })
  panels.push({
    title: 'Real',
    picture: await sharp(values.real).resize(WIDTH, HEIGHT, { fit: 'cover' }).png().toBuffer(),
  })
} else {
  for (const each of ['normal', 'aml', 'myeloma', 'eosinophilia'] as const) {
    panels.push({ title: `Rendered, not a real smear: ${each}`, picture: await rendered(each, seed) })
  }
}

const rows = Math.ceil(panels.length / 2)
const layers: OverlayOptions[] = panels.flatMap(({ title, picture }, i) => {
  const left = (i % 2) * WIDTH
  const top = Math.floor(i / 2) * (HEIGHT + CAPTION)
  return [
    { input: picture, left, top },
    { input: caption(title, WIDTH), left, top: top + HEIGHT },
  ]
})
layers.push({ input: caption(RESEARCH_USE_ONLY, 2 * WIDTH), left: 0, top: rows * (HEIGHT + CAPTION) })
mkdirSync(dirname(values.out), { recursive: true })
const canvas = {
  width: 2 * WIDTH,
  height: rows * (HEIGHT + CAPTION) + CAPTION,
  channels: 3 as const,
  background: '#f4f4f2',
}
const written = await sharp({ create: canvas }).composite(layers).jpeg({ quality: 78 }).toFile(values.out)
console.log(JSON.stringify({ file: values.out, bytes: written.size }))
