import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { openSlide } from '../../src/main/slide/open-slide.ts'
import { FIELD_COUNT, fieldImage, PLACES, SLIDE_SIZE } from './placed-fields.ts'

/** Keeps the fields of a slide, going on after those its record names as done, until none is left or it is killed. */
const [folder, record] = process.argv.slice(2)
const slide = openSlide(folder, { ...SLIDE_SIZE, pixelSizeUm: 0.1, places: () => PLACES })
const done = existsSync(record) ? readFileSync(record, 'utf8').split('\n').filter(Boolean).length : 0
for (let index = done; index < FIELD_COUNT; index++) {
  console.log(`keeping ${index}`)
  await slide.keep(index, fieldImage(index))
  appendFileSync(record, `${index}\n`)
}
await slide.close()
console.log('complete')
process.exit(0)
