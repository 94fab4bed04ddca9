import type { ScanArea } from '../../../shared/contract/area.ts'

/** "1.20 × 0.80 mm at 12.10, 3.40, 2 parts, 1 left out": an area by the first of its rectangles. */
export function areaWords({ rects, excluded }: ScanArea): string {
  const mm = (um: number) => (um / 1000).toFixed(2)
  const [first] = rects
  const size = `${mm(first.widthUm)} × ${mm(first.heightUm)} mm at ${mm(first.xUm)}, ${mm(first.yUm)}`
  const parts = rects.length > 1 ? `, ${rects.length} parts` : ''
  return size + parts + (excluded.length > 0 ? `, ${excluded.length} left out` : '')
}
