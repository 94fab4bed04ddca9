import type { ClassTrust } from '../../../shared/contract/evidence.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import { useDesk } from '../../app/desk.ts'
import { openTrust } from './trust-actions.ts'
import { TRUST_KINDS, trustLine } from './trust-words.ts'
import './trust.css'

/**
 * What the run's model is worth on a class: a bar as long as its recall on real images, across it the reference network's; a sign where
 * there were drawn images only, or none. Opens the card that says it in words.
 */
export function TrustBadge({ code, words }: { readonly code: ClassCode; readonly words?: string }) {
  const trust = useDesk((state) => state.trust?.classes.get(code) ?? null)
  if (!trust) return <span className="trust-badge" />
  return (
    <button
      type="button"
      className="trust-badge plain"
      data-testid={`trust-${code}`}
      data-images={trust.images}
      title={`${trustLine(trust)}\nClick: what that means.`}
      aria-label={`Evidence: ${trustLine(trust)}`}
      onClick={() => openTrust(code)}
    >
      {trust.images === 'real' ? (
        <RecallBar recall={trust.recall?.value ?? 0} reference={trust.reference.recall} />
      ) : (
        <TrustSign trust={trust} />
      )}
      {words}
    </button>
  )
}

const WIDTH = 22

export function RecallBar({ recall, reference }: { readonly recall: number; readonly reference: number }) {
  return (
    <svg className="recall-bar" width={WIDTH} height="10" viewBox={`0 0 ${WIDTH} 10`} aria-hidden="true">
      <rect className="track" x="0.5" y="2.5" width={WIDTH - 1} height="5" rx="1" />
      <rect className="recall" x="1" y="3" width={recall * (WIDTH - 2)} height="4" />
      <path className="reference" d={`M${1 + reference * (WIDTH - 2)} 0.5v9`} />
    </svg>
  )
}

function TrustSign({ trust }: { readonly trust: ClassTrust }) {
  const { sign, words } = TRUST_KINDS[trust.images]
  return sign === '' ? null : (
    <i className="evidence" title={words} aria-hidden="true">
      {sign}
    </i>
  )
}

/** The sign alone, where there is room for no more; nothing where the class was tried on real images. */
export function ClassTrustSign({ code }: { readonly code: ClassCode }) {
  const trust = useDesk((state) => state.trust?.classes.get(code) ?? null)
  return trust && <TrustSign trust={trust} />
}
