import Database from 'better-sqlite3'
import type { CaseSummary } from '../../shared/contract/cases.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { Casebook } from './casebook.ts'
import type { Runs } from './runs.ts'

interface CaseRow {
  readonly id: number
  readonly accession: string
  readonly name: string | null
  readonly birth_year: number | null
  readonly sex: CaseSummary['sex']
  readonly kind: string
  readonly stain: string
  readonly created_at: string
}

export type Cases = Pick<Casebook, 'listCases' | 'createCase'>

/** A case is a specimen with its patient and its slide; its number is the specimen's. */
export function casesOf(database: Database.Database, runs: Runs): Cases {
  const all = database.prepare<[], CaseRow>(`
    SELECT specimen.id, accession, name, birth_year, sex, kind, created_at,
      (SELECT stain FROM slide WHERE specimen_id = specimen.id ORDER BY slide.id LIMIT 1) AS stain
    FROM specimen LEFT JOIN patient ON patient.id = patient_id
    ORDER BY specimen.id DESC`)
  const insertPatient = database.prepare('INSERT INTO patient (name, birth_year, sex) VALUES (?, ?, ?)')
  const insertSpecimen = database.prepare(
    'INSERT INTO specimen (patient_id, accession, kind, created_at) VALUES (?, ?, ?, ?)',
  )
  const insertSlide = database.prepare('INSERT INTO slide (specimen_id, stain) VALUES (?, ?)')

  const create = database.transaction((made: Omit<CaseSummary, 'caseId' | 'createdAt' | 'runs'>): CaseSummary => {
    // Nothing known of the patient: no patient, rather than an empty one.
    const known = made.patientName !== null || made.birthYear !== null || made.sex !== null
    const patientId = known ? insertPatient.run(made.patientName, made.birthYear, made.sex).lastInsertRowid : null
    const createdAt = new Date().toISOString()
    const caseId = Number(insertSpecimen.run(patientId, made.accession, made.specimen, createdAt).lastInsertRowid)
    insertSlide.run(caseId, made.stain)
    return {
      caseId,
      accession: made.accession,
      patientName: made.patientName,
      birthYear: made.birthYear,
      sex: made.sex,
      specimen: made.specimen,
      stain: made.stain,
      createdAt,
      runs: [],
    }
  })

  return {
    listCases() {
      const byCase = new Map<number, RunSummary[]>()
      for (const run of runs.listRuns()) {
        const ofCase = byCase.get(run.caseId)
        if (ofCase) ofCase.push(run)
        else byCase.set(run.caseId, [run])
      }
      return all.all().map((row) => ({
        caseId: row.id,
        accession: row.accession,
        patientName: row.name,
        birthYear: row.birth_year,
        sex: row.sex,
        specimen: row.kind,
        stain: row.stain,
        createdAt: row.created_at,
        runs: byCase.get(row.id) ?? [],
      }))
    },
    createCase(made) {
      try {
        return create.immediate(made)
      } catch (error) {
        if (error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE') {
          throw taken(made.accession, error)
        }
        throw error
      }
    },
  }
}

function taken(accession: string, cause: unknown): MedullaError {
  return new MedullaError(
    'invalid-input',
    `There is already a case with the accession ${accession}.`,
    { remedy: 'Give the case another accession, or scan into the one that is there.', values: { accession } },
    { cause },
  )
}
