import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { openSlide } from '../../src/main/slide/open-slide.ts'
import { FIELDS, fieldImage, SLIDE_SIZE } from './painted-slide.ts'

/** Paints the fields of a slide, going on after those its record names as done, until none is left or it is killed. */
const [folder, record] = process.argv.slice(2)
const slide = openSlide(folder, SLIDE_SIZE)
const done = existsSync(record) ? readFileSync(record, 'utf8').split('\n').filter(Boolean).length : 0
for (let index = done; index < FIELDS.length; index++) {
  console.log(`painting ${index}`)
  await slide.paint(fieldImage(index), FIELDS[index])
  appendFileSync(record, `${index}\n`)
}
await slide.close()
console.log('complete')
process.exit(0)
