import { type ClassCode, TAXONOMY } from '../../shared/taxonomy.ts'

export type CommandId =
  | 'pause-resume'
  | 'stop'
  | 'new-scan'
  | 'fly'
  | 'undo'
  | 'clear'
  | 'select-all'
  | 'next-cell'
  | 'previous-cell'
  | 'next-class'
  | 'previous-class'
  | 'all-classes'
  | 'view'
  | 'order'
  | 'gallery'
  | 'slide'
  | 'regions'
  | 'fit'
  | 'actual-size'
  | 'zoom-in'
  | 'zoom-out'
  | 'boxes'
  | 'seams'
  | 'why'
  | 'field-out'
  | 'trust'
  | 'map'
  | 'map-lasso'
  | 'map-near'
  | 'map-class'
  | 'search'
  | 'follow'
  | 'theme'
  | 'models'
  | 'microscope'
  | 'tally'
  | 'tally-undo'
  | 'calibration'
  | 'shortcuts'

export interface Command {
  readonly id: CommandId
  /** As `chord` writes them, e.g. "ctrl+enter"; all do the same. */
  readonly chords: readonly string[]
  /** As a person reads them. */
  readonly shown: string
  readonly does: string
  readonly group: 'Scan' | 'Cells' | 'Gallery' | 'Slide' | 'Map' | 'Count by hand' | 'Window'
}

const command = (
  id: CommandId,
  group: Command['group'],
  shown: string,
  does: string,
  ...chords: readonly string[]
): Command => ({ id, group, shown, does, chords })

/** Everything keys do beside the letters that relabel; those letters are in the taxonomy, and no command takes one of them. */
export const COMMANDS: readonly Command[] = [
  command('new-scan', 'Scan', 'Ctrl Enter', 'New scan', 'ctrl+enter'),
  command('pause-resume', 'Scan', 'Space', 'Pause or resume the scan', ' '),
  command('stop', 'Scan', 'Ctrl .', 'Stop the scan', 'ctrl+.'),
  command('fly', 'Cells', 'Enter', 'Fly to the selected cell on the slide', 'enter'),
  command('undo', 'Cells', 'U  or  Ctrl Z', 'Take the last label back, or what was decided of a field', 'u', 'ctrl+z'),
  command('field-out', 'Cells', 'Shift F', "Leave the selected cell's field out, or bring it back", 'shift+f'),
  command('why', 'Cells', 'Shift W', 'Why this class: what the machine goes by', 'shift+w'),
  command('trust', 'Cells', 'Shift T', 'What the model is worth on this class', 'shift+t'),
  command('next-cell', 'Cells', '.', 'Next cell', '.'),
  command('previous-cell', 'Cells', ',', 'Previous cell', ','),
  command('select-all', 'Cells', 'Ctrl A', 'Select every cell the gallery lists', 'ctrl+a'),
  command('clear', 'Cells', 'Esc', 'Halt the stage; stop counting by hand; select nothing; show every class', 'escape'),
  command('next-class', 'Gallery', ']', 'Next class', ']'),
  command('previous-class', 'Gallery', '[', 'Previous class', '['),
  command('all-classes', 'Gallery', '\\', 'Every class', '\\'),
  command('order', 'Gallery', '/', 'Next order of the crops', '/'),
  command('search', 'Gallery', 'Shift R', 'Search for rare cells', 'shift+r'),
  command('view', 'Gallery', 'V', 'Machine, reviewed or corrected', 'v'),
  command('fit', 'Slide', '0  or  Home', 'Show everything scanned', '0', 'home'),
  command('actual-size', 'Slide', '1', 'One image pixel a screen pixel', '1'),
  command('zoom-in', 'Slide', '+', 'Zoom in', '+', '='),
  command('zoom-out', 'Slide', '−', 'Zoom out', '-'),
  command('boxes', 'Slide', 'W', 'Boxes on or off', 'w'),
  command('seams', 'Slide', 'Shift J', 'Seams between fields: how alike they are where they overlap', 'shift+j'),
  command('follow', 'Slide', 'Z', 'Follow the scan, or hold still', 'z'),
  command('map', 'Map', 'Shift M', 'Map of the cells beside the slide', 'shift+m'),
  command('map-lasso', 'Map', 'Shift L', 'Draw a line round cells, or move the map', 'shift+l'),
  command('map-near', 'Map', 'Shift N', 'Pick the cells nearest to the selected one; again: more', 'shift+n'),
  command('map-class', 'Map', 'Shift C', 'Pick the class of the selected cell, in sight', 'shift+c'),
  command(
    'tally',
    'Count by hand',
    'Shift H',
    'Count by hand: one key a class, or back to the differential',
    'shift+h',
  ),
  command('tally-undo', 'Count by hand', 'Backspace', 'Take the last counted cell back', 'backspace'),
  command('gallery', 'Window', 'G', 'To the gallery', 'g'),
  command('slide', 'Window', 'Shift G', 'To the slide', 'shift+g'),
  command('regions', 'Window', 'F6', 'Next panel', 'f6'),
  command('theme', 'Window', 'Ctrl Shift L', 'Dark or light', 'ctrl+shift+l'),
  command(
    'microscope',
    'Window',
    'Shift B',
    'The microscope: live image and joystick, or back to the slide',
    'shift+b',
  ),
  command('models', 'Window', 'Ctrl Shift M', 'Models: which is in use, add, verify', 'ctrl+shift+m'),
  command('calibration', 'Window', 'Ctrl Shift K', 'Calibrate the microscope', 'ctrl+shift+k'),
  command('shortcuts', 'Window', '?', 'This list', '?'),
]

/** What a key that is held down does again and again: moves, and nothing that is said of cells or fields. */
export const REPEATING: ReadonlySet<CommandId> = new Set([
  'next-cell',
  'previous-cell',
  'next-class',
  'previous-class',
  'zoom-in',
  'zoom-out',
])

const byChord = new Map(COMMANDS.flatMap((entry) => entry.chords.map((chord) => [chord, entry.id] as const)))
const classByKey = new Map(TAXONOMY.map((entry) => [entry.key, entry.code]))

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** "ctrl+shift+l", "?", "enter". Shift is named only where it does not already change the character. */
export function chord(press: KeyPress): string {
  const key = press.key.toLowerCase()
  const letter = /^[a-z]$/.test(key)
  const parts = [
    press.ctrlKey || press.metaKey ? 'ctrl' : '',
    press.altKey ? 'alt' : '',
    press.shiftKey && (letter || key.length > 1) ? 'shift' : '',
    key,
  ]
  return parts.filter((part) => part !== '').join('+')
}

export const commandFor = (press: KeyPress): CommandId | null => byChord.get(chord(press)) ?? null

/** The class a bare letter stands for; null: none, or a modifier is held. */
export const classForKey = (press: KeyPress): ClassCode | null => classByKey.get(chord(press)) ?? null
