import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { stageUm } from '../../src/shared/geometry.ts'

/** Counts cells by hand, one after the other, until it is killed; says of each when it is on record. */
const [folder, sittingId] = process.argv.slice(2)
const casebook = openCasebook(folder)
for (let count = 1; ; count++) {
  casebook.countCell(Number(sittingId), 'NGS', { origin: stageUm(100 * count, 0), width: 90, height: 70 })
  console.log(`counted ${count}`)
}
