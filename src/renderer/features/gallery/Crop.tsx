import { memo } from 'react'
import type { Cell } from '../../../shared/contract/cells.ts'
import { type ClassCode, cellClass } from '../../../shared/taxonomy.ts'
import { cropUrl } from '../../app/bench.ts'
import { classOf, type View } from '../../app/cell-book.ts'
import { className } from '../../ui/ClassName.tsx'

/** Side of a crop in the gallery, CSS pixels. */
export const CROP_PX = 76

interface Props {
  readonly cell: Cell
  readonly view: View
  readonly selected: boolean
  readonly active: boolean
  /** On its way to the bench; null: the label before is to be back; undefined: none. */
  readonly label: ClassCode | null | undefined
}

export const Crop = memo(({ cell, view, selected, active, label }: Props) => {
  const code = classOf(cell, view)
  const { unsure, unfamiliar } = cell
  const onItsWay = label === undefined ? '' : label === null ? ', being taken back' : `, becoming ${className(label)}`
  const note = cell.reader !== null ? `, labelled by ${cell.reader}` : unsure ? ', unsure' : ''
  return (
    <div
      id={`cell-${cell.id}`}
      className={active ? 'crop active' : 'crop'}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      aria-label={`${className(code)}${note}${unfamiliar ? ', unfamiliar' : ''}${onItsWay}`}
      data-testid="gallery-cell"
      data-cell-id={cell.id}
      data-class={code ?? ''}
    >
      <img
        src={cropUrl(cell.id)}
        alt=""
        width={CROP_PX}
        height={CROP_PX}
        draggable={false}
        decoding="async"
        fetchPriority="low"
      />
      <span className="crop-label" style={{ borderColor: code === null ? undefined : cellClass(code).colour }}>
        {code ?? '–'}
        {cell.reader !== null && ' ✓'}
        {unsure && ' ?'}
        {unfamiliar && ' !'}
        {label !== undefined && <span className="on-its-way"> → {label ?? '↶'}</span>}
      </span>
    </div>
  )
})
