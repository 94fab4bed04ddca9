import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkLayers } from '../scripts/layers.ts'

let root: string | null = null

afterEach(() => {
  if (root) rmSync(root, { recursive: true })
  root = null
})

/** The rules a tree of files breaks. */
function rulesOf(files: Readonly<Record<string, string>>): string[] {
  root = mkdtempSync(path.join(tmpdir(), 'layers-'))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), text)
  }
  return checkLayers(root).map(({ file, specifier, rule }) => `${file}: ${specifier}: ${rule}`)
}

test('a tree whose arrows point one way is clean', () => {
  const files = {
    'src/shared/a.ts': `import { z } from 'zod'`,
    'src/main/common.ts': `import path from 'node:path'\nimport '../shared/a.ts'`,
    'src/main/images/read.ts': `import '../common.ts'`,
    'src/main/vision/detect.ts': `import '../images/read.ts'\nimport './crop.ts'`,
    'src/main/vision/crop.ts': `export {}`,
    'src/main/scan/run.ts': `import type { A } from '../vision/detect.ts'`,
    'src/main/bench/bench.ts': `import '../scan/run.ts'\nimport '../vision/detect.ts'\nimport p from '../../../package.json'`,
    'src/main/cli.ts': `import './bench/bench.ts'\nimport './cli/output.ts'`,
    'src/main/cli/output.ts': `export {}`,
    'src/main/index.ts': `import { app } from 'electron'\nimport './shell/guard.ts'`,
    'src/main/shell/guard.ts': `export {}`,
    'src/preload/index.ts': `import { ipcRenderer } from 'electron'\nimport '../shared/a.ts'`,
    'src/renderer/main.tsx': `import react from 'react'\nimport '../shared/a.ts'\nexport const x = <p />`,
    'src/main/microscope/stage/drivers/index.ts': `import { asi } from './asi/asi.ts'`,
    'src/main/microscope/stage/drivers/asi/asi.ts': `import '../../protocol.ts'\nimport './table.ts'`,
    'src/main/microscope/stage/drivers/asi/table.ts': `export {}`,
    'src/main/microscope/stage/protocol.ts': `export {}`,
    'src/main/microscope/stage/firmware/index.ts': `import { F } from '../drivers/asi/asi-firmware.ts'`,
    'src/main/vision/detect.test.ts': `import '../bench/bench.ts'`,
  }
  expect(rulesOf(files)).toEqual([])
})

// One import that breaks one rule each: file, what it says, and the rule.
const BROKEN: readonly (readonly [string, string, string])[] = [
  ['src/main/vision/a.ts', `import '../scan/b.ts'`, 'vision lies below scan and may not import it'],
  ['src/main/scan/a.ts', `import '../bench/b.ts'`, 'scan lies below bench and may not import it'],
  ['src/main/bench/a.ts', `import '../server.ts'`, 'bench lies below shell and may not import it'],
  ['src/main/images/a.ts', `import '../vision/b.ts'`, 'images lies below vision and may not import it'],
  ['src/main/vision/a.ts', `import '../slide/b.ts'`, 'vision and slide stand side by side and may not know each other'],
  [
    'src/main/scan/a.ts',
    `import type { B } from '../reports/b.ts'`,
    'scan and reports stand side by side and may not know each other',
  ],
  ['src/main/common.ts', `import './vision/b.ts'`, 'files common to all rooms may import no room'],
  ['src/main/bench/a.ts', `import '../../renderer/b.ts'`, 'src/main may not import src/renderer'],
  ['src/main/bench/a.ts', `import '../../../scripts/b.ts'`, 'src/main may not import src/outside'],
  ['src/main/attic/a.ts', `import '../common.ts'`, 'the room attic has no level: name it in scripts/layers.ts'],
  ['src/shared/a.ts', `import fs from 'node:fs'`, "src/shared may not import Node's modules"],
  ['src/shared/a.ts', `import fs from 'fs'`, "src/shared may not import Node's modules"],
  ['src/shared/a.ts', `export * from '../main/common.ts'`, 'src/shared may import nothing but src/shared'],
  ['src/shared/a.ts', `import p from '../../package.json'`, 'only src/main may import package.json'],
  [
    'src/renderer/a.ts',
    `const a = await import('../main/common.ts')`,
    'src/renderer may import nothing but src/renderer and src/shared',
  ],
  ['src/renderer/a.ts', `import 'node:path'`, "src/renderer may not import Node's modules"],
  ['src/preload/a.ts', `import '../main/common.ts'`, 'src/preload may import nothing but src/preload and src/shared'],
  [
    'src/main/shell/a.ts',
    `import type { App } from 'electron'`,
    'only src/main/index.ts and src/preload may import electron',
  ],
  [
    'src/main/microscope/stage/drivers/asi/asi.ts',
    `import type { B } from '../prior/prior.ts'`,
    'the stage drivers asi and prior may not know each other',
  ],
  [
    'src/main/microscope/stage/link.ts',
    `import { asi } from './drivers/asi/asi.ts'`,
    'only drivers/index.ts and firmware/index.ts may name a stage driver',
  ],
  ['src/renderer/a.ts', `import 'electron/renderer'`, 'only src/main/index.ts and src/preload may import electron'],
]

test.each(BROKEN)('%s: %s', (file, text, rule) => {
  const specifier = /'([^']+)'/.exec(text)![1]
  const expected = rule.includes('has no level') ? `${file}: : ${rule}` : `${file}: ${specifier}: ${rule}`
  expect(rulesOf({ [file]: text })).toEqual([expected])
})

test('a ring of imports is told once, with its way', () => {
  const files = {
    'src/shared/a.ts': `import './b.ts'`,
    'src/shared/b.ts': `import type { C } from './c.ts'`,
    'src/shared/c.ts': `import './a.ts'`,
  }
  expect(rulesOf(files)).toEqual([
    'src/shared/c.ts: ./a.ts: a ring of imports: src/shared/a.ts -> src/shared/b.ts -> src/shared/c.ts -> src/shared/a.ts',
  ])
})
