import { join } from 'node:path'
import { checkChains, checkCounts, checkFields, checkLabels } from './audit-chain.ts'
import { calibrationsOf } from './calibrations.ts'
import type { Casebook } from './casebook.ts'
import { guarded } from './casebook-errors.ts'
import { casesOf } from './cases.ts'
import { cellsOf } from './cells.ts'
import { openDatabase } from './database.ts'
import { featuresOf } from './features.ts'
import { fieldGateOf } from './field-gate.ts'
import { fieldPlacesOf } from './field-places.ts'
import { fieldsOf } from './fields.ts'
import { labelsOf } from './labels.ts'
import { ledgerRowsOf } from './ledger-rows.ts'
import { opinionsOf } from './opinions.ts'
import { overviewsOf } from './overviews.ts'
import { predictionsOf } from './predictions.ts'
import { readingsOf } from './readings.ts'
import { runsOf } from './runs.ts'
import { searchesOf } from './searches.ts'
import { sittingsOf } from './sittings.ts'
import { checkTallies } from './tally-chain.ts'

/**
 * Opens `casebook.sqlite` in a data folder, making both where they are not there. See `Casebook` for the errors.
 * Do not open the file by other means in this process: closing any handle on it drops the locks SQLite holds (POSIX).
 */
export function openCasebook(dataFolder: string, { busyTimeoutMs = 3000 } = {}): Casebook {
  const path = join(dataFolder, 'casebook.sqlite')
  const database = guarded(path, openDatabase)(path, busyTimeoutMs)
  const predictions = predictionsOf(database)
  const readings = readingsOf(database, predictions)
  const runs = runsOf(database, readings)
  const cells = cellsOf(database)
  const cases = casesOf(database, runs)
  const fields = fieldsOf(database, predictions)
  const fieldGate = fieldGateOf(database, fields)
  const fieldPlaces = fieldPlacesOf(database)
  const features = featuresOf(database)
  const labels = labelsOf(database, cells)
  const opinions = opinionsOf(database)
  const searches = searchesOf(database)
  const calibrations = calibrationsOf(database)
  const sittings = sittingsOf(database)
  const ledger = ledgerRowsOf(database)
  const overviews = overviewsOf(database)

  function check(): string[] {
    const pages = (database.pragma('integrity_check') as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((finding) => finding !== 'ok')
    const keys = (database.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[]).map(
      ({ table, rowid, parent }) => `row ${rowid} of ${table} names a ${parent} that is not there`,
    )
    return [
      ...pages,
      ...keys,
      ...checkChains(database),
      ...checkLabels(database),
      ...checkFields(database),
      ...checkCounts(database),
      ...checkTallies(database),
    ]
  }

  return {
    listCases: guarded(path, cases.listCases),
    createCase: guarded(path, cases.createCase),
    createRun: guarded(path, runs.createRun),
    run: guarded(path, runs.run),
    runPlan: guarded(path, runs.runPlan),
    runModel: guarded(path, runs.runModel),
    readingModel: guarded(path, readings.readingModel),
    readings: guarded(path, readings.readings),
    beginReading: guarded(path, readings.beginReading),
    cellsToRead: guarded(path, readings.cellsToRead),
    addPredictions: guarded(path, readings.addPredictions),
    agreement: guarded(path, readings.agreement),
    endReading: guarded(path, readings.endReading),
    addProvider: guarded(path, runs.addProvider),
    setRunPlan: guarded(path, runs.setRunPlan),
    setStop: guarded(path, runs.setStop),
    setRunState: guarded(path, runs.setRunState),
    markInterrupted: guarded(path, () => runs.markInterrupted() + overviews.markInterrupted()),
    commitField: guarded(path, fields.commitField),
    fields: guarded(path, fields.fields),
    fieldsRevision: guarded(path, fields.fieldsRevision),
    leaveOutFields: guarded(path, fieldGate.leaveOutFields),
    bringBackFields: guarded(path, fieldGate.bringBackFields),
    fieldEvents: guarded(path, fieldGate.fieldEvents),
    gateReasons: guarded(path, fieldGate.gateReasons),
    exactPlaces: guarded(path, fieldPlaces.exactPlaces),
    stitches: guarded(path, fieldPlaces.stitches),
    stageError: guarded(path, fieldPlaces.stageError),
    movePlaces: guarded(path, fieldPlaces.movePlaces),
    cells: guarded(path, cells.cells),
    changedCells: guarded(path, cells.changedCells),
    revision: guarded(path, runs.revision),
    cellsNear: guarded(path, cells.cellsNear),
    features: guarded(path, features.features),
    runOfCell: guarded(path, features.runOfCell),
    opinions: guarded(path, opinions.opinions),
    doubts: guarded(path, opinions.doubts),
    crop: guarded(path, cells.crop),
    relabel: guarded(path, labels.relabel),
    undo: guarded(path, labels.undo),
    counts: guarded(path, runs.counts),
    tally: guarded(path, runs.tally),
    searchedCells: guarded(path, searches.searchedCells),
    addSearchReview: guarded(path, searches.addSearchReview),
    searchReviews: guarded(path, searches.searchReviews),
    addCalibration: guarded(path, calibrations.addCalibration),
    calibrations: guarded(path, calibrations.calibrations),
    calibration: guarded(path, calibrations.calibration),
    startSitting: guarded(path, sittings.startSitting),
    sitting: guarded(path, sittings.sitting),
    sittings: guarded(path, sittings.sittings),
    countCell: guarded(path, sittings.countCell),
    undoCell: guarded(path, sittings.undoCell),
    sittingCounts: guarded(path, sittings.sittingCounts),
    sittingViews: guarded(path, sittings.sittingViews),
    ledgerRuns: guarded(path, ledger.ledgerRuns),
    machineAreas: guarded(path, ledger.machineAreas),
    placedCells: guarded(path, ledger.placedCells),
    moveSlide: guarded(path, ledger.moveSlide),
    slideMoves: guarded(path, ledger.slideMoves),
    createOverview: guarded(path, overviews.createOverview),
    overview: guarded(path, overviews.overview),
    overviews: guarded(path, overviews.overviews),
    overviewPlaces: guarded(path, overviews.overviewPlaces),
    addOverviewPlace: guarded(path, overviews.addOverviewPlace),
    setPlannedPlaces: guarded(path, overviews.setPlannedPlaces),
    endOverview: guarded(path, overviews.endOverview),
    overviewFocus: guarded(path, overviews.overviewFocus),
    check: guarded(path, check),
    close: guarded(path, () => {
      database.close()
    }),
  }
}
