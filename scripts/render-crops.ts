/**
 * Writes rendered, labelled crops of every class for training: `OUT/CLASS/CLASS_NNNNN.png`.
 *
 *   node scripts/render-crops.ts --out DIR --per-class N --seed S [--size 160] [--pixel-size 0.144] [--classes PLM,FGC]
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { CropScenes } from '../src/main/microscope/simulator/crop-scenes.ts'
import { CLASS_CODES, isClassCode } from '../src/shared/taxonomy.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    'per-class': { type: 'string' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '160' },
    'pixel-size': { type: 'string', default: '0.144' },
    classes: { type: 'string' },
  },
})

const perClass = Number(values['per-class'])
const seed = Number(values.seed)
const sizePx = Number(values.size)
const pixelSizeUm = Number(values['pixel-size'])
const codes = values.classes ? values.classes.split(',').filter(isClassCode) : [...CLASS_CODES]
if (
  !values.out ||
  !(perClass > 0) ||
  !Number.isInteger(seed) ||
  !(sizePx > 0) ||
  !(pixelSizeUm > 0) ||
  codes.length === 0
) {
  console.error(
    'Usage: node scripts/render-crops.ts --out DIR --per-class N --seed S [--size 160] [--pixel-size 0.144] [--classes PLM,FGC]',
  )
  process.exit(2)
}

for (const code of codes) mkdirSync(join(values.out, code), { recursive: true })
const scenes = new CropScenes(seed)
const started = performance.now()
for (let number = 0; number < perClass; number++) {
  const writes: Promise<unknown>[] = []
  for (const { code, image } of scenes.slide(number, codes, sizePx, pixelSizeUm)) {
    const file = join(values.out, code, `${code}_${String(number).padStart(5, '0')}.png`)
    const raw = { width: image.widthPx, height: image.heightPx, channels: 3 as const }
    writes.push(sharp(image.data, { raw }).png({ compressionLevel: 3 }).toFile(file))
  }
  await Promise.all(writes)
  if ((number + 1) % 100 === 0) console.error(`${number + 1}/${perClass} of each class`)
}
const seconds = (performance.now() - started) / 1000
console.log(
  JSON.stringify({ classes: codes.length, crops: codes.length * perClass, seconds: Number(seconds.toFixed(1)) }),
)
