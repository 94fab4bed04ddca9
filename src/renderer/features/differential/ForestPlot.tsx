interface Props {
  readonly value: number | null
  readonly low: number | null
  /** null beside a low end: open. */
  readonly high: number | null
  readonly reference: { readonly low: number; readonly high: number } | null
  /** Where a value lies on the axis, 0-1. */
  readonly share: (value: number) => number
}

const at = (share: number): string => `${(share * 100).toFixed(2)}%`

/** Estimate, interval and reference range on one line. The row beside it says the same in numbers. */
export function ForestPlot({ value, low, high, reference, share }: Props) {
  const from = low === null ? null : share(low)
  const to = low === null ? null : high === null ? 1 : share(high)
  return (
    <span className="forest" aria-hidden="true">
      {reference && (
        <i
          className="forest-reference"
          style={{ left: at(share(reference.low)), width: at(share(reference.high) - share(reference.low)) }}
        />
      )}
      <i className="forest-axis" />
      {from !== null && to !== null && (
        <i className="forest-interval" style={{ left: at(from), width: at(Math.max(0.005, to - from)) }} />
      )}
      {value !== null && <i className="forest-estimate" style={{ left: at(share(value)) }} />}
    </span>
  )
}
