import { useVirtualizer } from '@tanstack/react-virtual'
import { Fragment, type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from 'react'
import { isClassCode } from '../../../shared/taxonomy.ts'
import { desk, galleryListing, useDesk } from '../../app/desk.ts'
import { setErrorRate } from '../../app/error-rate.ts'
import { flyToActive, select, setFilter, setOrder, stepSelection } from '../../app/selection-actions.ts'
import { errorRates } from '../../app/unsure.ts'
import { className, Swatch } from '../../ui/ClassName.tsx'
import { SearchBar } from '../search/SearchBar.tsx'
import { toggleSearch } from '../search/search-actions.ts'
import { ClassTrustSign, TrustBadge } from '../trust/TrustBadge.tsx'
import { CROP_PX, Crop } from './Crop.tsx'
import { type Chip, chipsOf } from './chips.ts'
import { type Filter, ORDERS, type Order } from './listing.ts'
import './gallery.css'

const GAP_PX = 6
const STEP_PX = CROP_PX + GAP_PX

/** The crops of one class or of all, thousands of them, of which only those in sight exist as elements. */
export function Gallery() {
  const cells = useDesk((state) => state.cells)
  const view = useDesk((state) => state.view)
  const filter = useDesk((state) => state.filter)
  const order = useDesk((state) => state.order)
  const picked = useDesk((state) => state.picked.size)
  const searching = filter === 'candidates'
  const chips = useMemo(() => chipsOf(cells, view, picked), [cells, view, picked])
  return (
    <section className="gallery" aria-label="Gallery">
      <div className={searching ? 'gallery-bar searching' : 'gallery-bar'}>
        <Chips chips={chips} filter={filter} />
        <button
          type="button"
          className="chip"
          data-testid="search-toggle"
          aria-pressed={searching}
          title="Search for rare cells: every cell that may be of a class, the likeliest first (Shift R)"
          onClick={toggleSearch}
        >
          Rare cells
        </button>
        <ErrorRate />
        <label className="gallery-order">
          <span className="visually-hidden">Order of the crops</span>
          <select
            value={order}
            data-testid="gallery-order"
            title="Order of the crops (/)"
            onChange={(event) => setOrder(event.target.value as Order)}
          >
            {ORDERS.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
        </label>
        {searching && <SearchBar />}
      </div>
      <Grid />
    </section>
  )
}

const NAMES: Readonly<Partial<Record<Filter, string>>> = {
  all: 'All',
  picked: 'Picked',
  unsure: 'Unsure',
  unfamiliar: 'Unfamiliar',
  'left-out': 'Left out',
}
const TITLES: Readonly<Partial<Record<Filter, string>>> = {
  all: 'Every cell that counts (\\)',
  picked: 'Picked on the map',
  unsure: 'The machine is unsure, and nobody has said',
  unfamiliar: 'Unlike what the model was trained on: it may be none of its classes',
  'left-out': 'In fields that do not count',
}
const EMPTY: Readonly<Partial<Record<Filter, string>>> = {
  all: 'Cells appear here as the scan finds them.',
  candidates: 'No cell comes near this class. Esc shows every class.',
  unsure: 'No unsure cell is left. Esc shows every class.',
  unfamiliar: 'No unfamiliar cell. Esc shows every class.',
  'left-out': 'No cell lies in a field that is left out. Esc shows every class.',
}

/** How sure is sure: offered where the model states limits for several error rates. */
function ErrorRate() {
  const doubt = useDesk((state) => state.differential?.doubt ?? null)
  const chosen = useDesk((state) => state.errorRate)
  const rates = errorRates(doubt)
  if (rates.length < 2 || !doubt?.unsure) return null
  const own = doubt.unsure.errorRate
  return (
    <label className="gallery-order">
      <span className="visually-hidden">When a cell is unsure</span>
      <select
        value={rates.includes(chosen) ? chosen : own}
        data-testid="error-rate"
        title="Of the cells that are not unsure, at most this share is named wrongly, on validation images"
        onChange={(event) => {
          const rate = Number(event.target.value)
          setErrorRate(rate === own ? 0 : rate)
        }}
      >
        {rates.map((rate) => (
          <option key={rate} value={rate}>
            Sure: at most {Number((100 * rate).toPrecision(3))} % wrong
          </option>
        ))}
      </select>
    </label>
  )
}

function Chips({ chips, filter }: { readonly chips: readonly Chip[]; readonly filter: Filter }) {
  return (
    <div className="chips" role="toolbar" aria-label="Classes">
      {chips.map((chip) => {
        const code = isClassCode(chip.filter) ? chip.filter : null
        return (
          <Fragment key={chip.filter}>
            <button
              type="button"
              className="chip"
              data-testid={`chip-${chip.filter}`}
              aria-pressed={filter === chip.filter}
              title={TITLES[chip.filter] ?? className(code)}
              onClick={() => setFilter(chip.filter)}
            >
              {code && <Swatch code={code} />}
              {NAMES[chip.filter] ?? code ?? 'Unclassified'} <b>{chip.count}</b>
              {code && filter !== code && <ClassTrustSign code={code} />}
            </button>
            {code && filter === code && <TrustBadge code={code} words="evidence" />}
          </Fragment>
        )
      })}
    </div>
  )
}

function Grid() {
  const { ids, heldBack } = useDesk(galleryListing)
  const cells = useDesk((state) => state.cells)
  const view = useDesk((state) => state.view)
  const filter = useDesk((state) => state.filter)
  const selection = useDesk((state) => state.selection)
  const active = useDesk((state) => state.active)
  const onTheirWay = useDesk((state) => state.onTheirWay)
  const scroller = useRef<HTMLDivElement>(null)
  const columns = useColumns(scroller)
  const rows = useVirtualizer({
    count: Math.ceil(ids.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => STEP_PX,
    overscan: 3,
  })
  useHolding(scroller)

  const activeAt = active === null ? -1 : ids.indexOf(active)
  const activeRow = activeAt < 0 ? -1 : Math.floor(activeAt / columns)
  useEffect(() => {
    if (activeRow >= 0) rows.scrollToIndex(activeRow, { align: 'auto' })
  }, [activeRow, rows])

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? STEP_PX) / STEP_PX)) * columns
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      PageUp: -page,
      PageDown: page,
      Home: -ids.length,
      End: ids.length,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    stepSelection(step, event.shiftKey)
  }

  const pick = (event: MouseEvent): void => {
    const id = cellIdOf(event)
    if (id === null) return
    // The list, not the crop: a crop scrolled out of sight is gone, and the focus with it.
    scroller.current?.focus({ preventScroll: true })
    select(id, event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'add' : 'only')
  }

  return (
    <div className="gallery-body">
      {heldBack > 0 && (
        <button type="button" className="held-back" onClick={() => desk.set({ heldAbove: newestId() })}>
          {heldBack} new, show
        </button>
      )}
      {ids.length === 0 && (
        <p className="gallery-empty">{EMPTY[filter] ?? 'No cell of this class. Esc shows every class.'}</p>
      )}
      <div
        ref={scroller}
        className="gallery-scroll"
        role="listbox"
        aria-label="Cells"
        aria-multiselectable="true"
        aria-activedescendant={activeAt >= 0 ? `cell-${active}` : undefined}
        tabIndex={0}
        data-region="gallery"
        data-testid="gallery"
        onKeyDown={onKey}
        onClick={pick}
        onDoubleClick={(event) => cellIdOf(event) !== null && flyToActive()}
      >
        <div className="gallery-sizer" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => (
            <div
              key={row.key}
              className="gallery-row"
              role="presentation"
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {ids.slice(row.index * columns, (row.index + 1) * columns).map((id) => (
                <Crop
                  key={id}
                  cell={cells.byId.get(id)!}
                  view={view}
                  selected={selection.has(id)}
                  active={id === active}
                  label={onTheirWay.get(id)}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

function cellIdOf(event: MouseEvent): number | null {
  const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-cell-id]') : null
  return element ? Number(element.dataset.cellId) : null
}

const newestId = (): number => desk.get().cells.ids.at(-1) ?? 0

function useColumns(scroller: React.RefObject<HTMLDivElement | null>): number {
  const [columns, setColumns] = useState(6)
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() =>
      setColumns(Math.max(1, Math.floor((element.clientWidth - GAP_PX) / STEP_PX))),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])
  return columns
}

/**
 * Holds new cells back while a person looks: in an order that would push what is looked at aside, once something is selected or the list is
 * scrolled. In scan order new cells come at the end and disturb nobody.
 */
function useHolding(scroller: React.RefObject<HTMLDivElement | null>): void {
  const scanning = useDesk((state) => state.run?.state === 'scanning')
  const order = useDesk((state) => state.order)
  const looking = useDesk((state) => state.active !== null)
  useEffect(() => {
    const element = scroller.current
    const decide = (): void => {
      const hold = scanning && order !== 'scan' && (looking || (element?.scrollTop ?? 0) > 0)
      const { heldAbove } = desk.get()
      if (hold && heldAbove === null) desk.set({ heldAbove: newestId() })
      else if (!hold && heldAbove !== null) desk.set({ heldAbove: null })
    }
    decide()
    element?.addEventListener('scroll', decide, { passive: true })
    return () => element?.removeEventListener('scroll', decide)
  }, [scanning, order, looking, scroller])
}
