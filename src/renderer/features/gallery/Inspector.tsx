import type { Cell } from '../../../shared/contract/cells.ts'
import { REASON_WORD } from '../../../shared/quality/words.ts'
import { placedWords } from '../../../shared/stitch-words.ts'
import { cellClass, TAXONOMY } from '../../../shared/taxonomy.ts'
import { cropUrl } from '../../app/bench.ts'
import { desk, useDesk } from '../../app/desk.ts'
import { relabelSelection, undoNewest } from '../../app/label-actions.ts'
import { flyToActive } from '../../app/selection-actions.ts'
import { className, Swatch } from '../../ui/ClassName.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { WhyPanel } from '../evidence/WhyPanel.tsx'
import { toggleFieldOfCell } from '../fields/field-actions.ts'

/** The selected cell: who called it what, how sure the machine was, and what else it might be. */
export function Inspector() {
  const cell = useDesk((state) => (state.active === null ? undefined : state.cells.byId.get(state.active)))
  const many = useDesk((state) => state.selection.size)
  const why = useDesk((state) => state.whyShown)
  if (!cell) {
    return (
      <aside className="inspector" data-region="inspector" aria-label="Selected cell" tabIndex={-1}>
        <p className="muted">
          Click a box on the slide or a crop to select a cell. Then a letter relabels it, Enter flies to it.
        </p>
      </aside>
    )
  }
  const head = (
    <div className="inspector-top">
      {!why && (
        <img
          src={cropUrl(cell.id)}
          alt={`Crop of the selected cell, ${className(cell.class)}`}
          width={72}
          height={72}
          draggable={false}
        />
      )}
      <div>
        <p className="inspector-class" data-testid="inspector-class">
          <Swatch code={cell.class} /> {className(cell.class)}
        </p>
        <p className="muted">
          {cell.reader !== null
            ? `${cell.reader} said so`
            : cell.probability === null
              ? 'no model named it'
              : `machine ${(cell.probability * 100).toFixed(0)} %${cell.unsure ? ', unsure' : ''}`}
        </p>
        {cell.unfamiliar && (
          <p
            className="muted"
            title="It may be none of the classes the model knows, or stained or focused like none of them."
          >
            unlike what the model was trained on
          </p>
        )}
        {cell.reader !== null && cell.machineClass !== null && (
          <p className="muted">
            machine said {cell.machineClass} {((cell.probability ?? 0) * 100).toFixed(0)} %
          </p>
        )}
        <p className="muted">
          field {cell.field + 1}
          {cell.image !== null && `, ${cell.image}`}
          {!why && <PlacedBy index={cell.field} />}
          {cell.leftOut && <b data-testid="inspector-left-out">, left out: {REASON_WORD[cell.leftOut]}</b>}
        </p>
      </div>
    </div>
  )
  const foot = (
    <>
      <Actions cell={cell} many={many} why={why} />
      {many > 1 && <p className="many">{many} cells selected: a letter labels all of them.</p>}
    </>
  )
  return (
    <aside
      className={why ? 'inspector with-why' : 'inspector'}
      data-region="inspector"
      data-testid="inspector"
      aria-label="Selected cell"
      tabIndex={-1}
    >
      {why ? (
        <WhyPanel cell={cell} head={head} foot={foot} />
      ) : (
        <>
          {head}
          <Alternatives cell={cell} />
          {foot}
        </>
      )}
    </aside>
  )
}

function Alternatives({ cell }: { readonly cell: Cell }) {
  return (
    <ul className="alternatives" aria-label="The machine's three most probable classes">
      {cell.alternatives.slice(0, 3).map((entry) => (
        <li key={entry.class}>
          <button
            type="button"
            className="plain"
            title={`Label as ${className(entry.class)} (${cellClass(entry.class).key.toUpperCase()})`}
            onClick={() => relabelSelection(entry.class)}
          >
            <kbd>{cellClass(entry.class).key.toUpperCase()}</kbd>
            <span>{className(entry.class)}</span>
            <i className="bar" aria-hidden="true">
              <i style={{ width: `${entry.probability * 100}%` }} />
            </i>
            <b>{(entry.probability * 100).toFixed(0)} %</b>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Actions({ cell, many, why }: { readonly cell: Cell; readonly many: number; readonly why: boolean }) {
  const label = useDesk((state) => state.onTheirWay.get(cell.id))
  return (
    <div className="inspector-actions">
      <select
        aria-label={many > 1 ? `Label of ${many} cells` : 'Label of the cell'}
        data-testid="inspector-label"
        value={label ?? cell.class ?? ''}
        onChange={(event) => relabelSelection(event.target.value as (typeof TAXONOMY)[number]['code'])}
      >
        {cell.class === null && <option value="">Unclassified</option>}
        {TAXONOMY.map((entry) => (
          <option key={entry.code} value={entry.code}>
            {entry.key.toUpperCase()} {entry.name}
          </option>
        ))}
      </select>
      <button
        type="button"
        data-testid="why-toggle"
        aria-pressed={why}
        title="Why this class: what the machine goes by (Shift W)"
        onClick={() => desk.set({ whyShown: !why })}
      >
        Why?
      </button>
      <button type="button" title="Fly to the cell (Enter)" aria-label="Fly to the cell" onClick={flyToActive}>
        <Icon name="follow" />
      </button>
      <button
        type="button"
        className="field-out"
        data-testid="field-out"
        title={`${cell.leftOut ? 'Bring the field of this cell back' : 'Leave the field of this cell out: its cells do not count'} (Shift F)`}
        onClick={toggleFieldOfCell}
      >
        {cell.leftOut ? 'Field back' : 'Field out'}
      </button>
      <button
        type="button"
        title="Take the last label back (U)"
        aria-label="Take the last label back"
        onClick={undoNewest}
      >
        <Icon name="undo" />
      </button>
    </div>
  )
}

/** How the field's place on the slide was told, where it has a stage. */
function PlacedBy({ index }: { readonly index: number }) {
  const words = useDesk((state) => placedWords(state.fields.find((field) => field.index === index)?.stitch ?? null))
  return words === null ? null : <span data-testid="inspector-placed">, {words}</span>
}
