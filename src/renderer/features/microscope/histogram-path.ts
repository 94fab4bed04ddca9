/** Of a channel's shares: a line from the left edge to the right, in a box of 64 x `heightPx`; the fullest bin of all reaches the top. */
export function histogramPath(shares: readonly number[], fullest: number, heightPx: number): string {
  const points = shares.map((share, i) => {
    // A square root, so that little things beside a bright background can be seen.
    const height = fullest > 0 ? Math.sqrt(share / fullest) : 0
    return `${i},${(heightPx * (1 - height)).toFixed(2)}`
  })
  return `M${points.join('L')}`
}
