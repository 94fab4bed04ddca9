import type { CaseSummary } from '../../../shared/contract/cases.ts'

/** "Doe, Jane F 1957", of what is known; empty: nothing is. */
export const personWords = ({ patientName, sex, birthYear }: CaseSummary): string =>
  [patientName, sex, birthYear].filter((part) => part !== null).join(' ')
