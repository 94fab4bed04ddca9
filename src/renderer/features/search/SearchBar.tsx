import { reportWords } from '../../../shared/search/report-words.ts'
import { type ClassCode, TAXONOMY } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { moment } from '../../ui/format.ts'
import { RECALLS, searchFor, signSearch } from './search-actions.ts'
import './search.css'

const COUNTED = TAXONOMY.filter((entry) => entry.counted)

/** Which rare class is searched for, how much of it is to be found, and what it comes to. */
export function SearchBar() {
  const search = useDesk((state) => state.search)
  const report = useDesk((state) => state.searchReport)
  const newest = report?.reviews[0] ?? null
  return (
    <div className="search-bar" data-testid="search-bar">
      <label>
        Search for{' '}
        <select
          data-testid="search-class"
          value={search.class}
          onChange={(event) => searchFor({ class: event.target.value as ClassCode })}
        >
          {COUNTED.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label title="Share of the class that is to be among the candidates, on validation images: the more, the more others there are to look at">
        finding{' '}
        <select
          data-testid="search-recall"
          value={search.recall}
          onChange={(event) => searchFor({ recall: Number(event.target.value) })}
        >
          {RECALLS.map((recall) => (
            <option key={recall} value={recall}>
              {recall === 1 ? 'as many as can be' : `${100 * recall} %`}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        data-testid="search-sign"
        disabled={!report || report.toLookAt === 0}
        title="Signs with your name that you have looked at every cell listed. Give each that is wrongly named its right class first: those left named so count as found."
        onClick={signSearch}
      >
        Looked at all{report && report.toLookAt > 0 ? ` ${report.candidates.length}` : ''}
      </button>
      <p data-testid="search-report" data-state={report?.state ?? 'unknown'}>
        {report === null ? 'Searching…' : reportWords(report)}
        {newest && (
          <span className="muted">
            {' '}
            {newest.candidates} looked at by {newest.reader}, {moment(newest.at)}.
          </span>
        )}
      </p>
    </div>
  )
}
