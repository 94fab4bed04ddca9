import { type ClassCode, cellClass } from '../../shared/taxonomy.ts'

/** A class's colour; always beside its code or name, as colour alone says nothing. */
export function Swatch({ code }: { readonly code: ClassCode | null }) {
  return <i className="swatch" style={{ background: code === null ? 'transparent' : cellClass(code).colour }} />
}

export const className = (code: ClassCode | null): string => (code === null ? 'Unclassified' : cellClass(code).name)
