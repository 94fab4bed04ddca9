import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { newField } from './casebook-rows.ts'

/** Commits fields of a run, going on after those that are there, until it is killed. */
const [folder, runId] = process.argv.slice(2)
const casebook = openCasebook(folder)
for (let index = casebook.fields(Number(runId)).length; ; index++) {
  casebook.commitField(newField(Number(runId), index, 20))
  console.log(`committed ${index}`)
}
