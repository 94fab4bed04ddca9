import { TAXONOMY } from '../../../shared/taxonomy.ts'
import { openDialog } from '../../app/dialogs.ts'
import { COMMANDS, type Command } from '../../app/keys.ts'
import { Swatch } from '../../ui/ClassName.tsx'
import { Dialog } from '../../ui/Dialog.tsx'

const GROUPS: readonly Command['group'][] = ['Scan', 'Cells', 'Gallery', 'Slide', 'Map', 'Count by hand', 'Window']

export function Shortcuts() {
  return (
    <Dialog title="Keyboard shortcuts" testId="shortcuts" wide onClose={() => openDialog(null)}>
      <div className="dialog-body shortcut-groups">
        <section>
          <h3>Label the selected cells, or count by hand</h3>
          <dl>
            {TAXONOMY.map((entry) => (
              <div key={entry.code} className="shortcut">
                <dt>
                  <kbd>{entry.key.toUpperCase()}</kbd>
                </dt>
                <dd>
                  <Swatch code={entry.code} /> {entry.name} <span className="muted">{entry.code}</span>
                </dd>
              </div>
            ))}
          </dl>
        </section>
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {COMMANDS.filter((command) => command.group === group).map((command) => (
                <div key={command.id} className="shortcut">
                  <dt>
                    <kbd>{command.shown}</kbd>
                  </dt>
                  <dd>{command.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Moving about</h3>
          <dl>
            <div className="shortcut">
              <dt>
                <kbd>Arrows</kbd>
              </dt>
              <dd>Next cell; with Shift select on. On the slide: move it. On the map: to the cell there</dd>
            </div>
            <div className="shortcut">
              <dt>
                <kbd>Ctrl click</kbd>
              </dt>
              <dd>Add a cell to the selection; with Shift all between</dd>
            </div>
          </dl>
        </section>
      </div>
    </Dialog>
  )
}
