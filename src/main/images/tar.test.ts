import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { TarArchive } from './tar.ts'

const tar = spawnSync('tar', ['--version'])
const absent = tar.status !== 0
if (absent) console.log('skipped: there is no tar to write archives with')

const LONG = `${'a long folder name '.repeat(4)}/${'a long file name '.repeat(4)}.txt`

/** An archive as tar writes it in this format, and what is in it. */
function archive(format: string): { path: string; files: Record<string, string> } {
  const root = temporaryFolder()
  const files = { 'A/one.txt': 'first', 'A/empty.txt': '', 'B/two.txt': 'x'.repeat(1500), [LONG]: 'far down' }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, 'in', name, '..'), { recursive: true })
    writeFileSync(join(root, 'in', name), content)
  }
  symlinkSync('one.txt', join(root, 'in', 'A', 'link.txt'))
  const path = join(root, 'made.tar')
  const made = spawnSync('tar', [
    `--format=${format}`,
    '-cf',
    path,
    '-C',
    join(root, 'in'),
    'A',
    'B',
    LONG.split('/')[0],
  ])
  expect(made.status, made.stderr.toString()).toBe(0)
  return { path, files }
}

describe.skipIf(absent)('TarArchive', () => {
  for (const format of ['ustar', 'gnu', 'pax']) {
    it(`reads what tar writes as ${format}, in any order`, async () => {
      const { path, files } = archive(format)
      const opened = await TarArchive.open(path)
      expect(opened.entries.map(({ name }) => name).sort()).toEqual(Object.keys(files).sort())
      for (const entry of [...opened.entries].reverse()) {
        expect((await opened.read(entry)).toString()).toBe(files[entry.name])
      }
      await opened.close()
    })
  }

  it('refuses what is no archive, is cut short or is not there', async () => {
    const { path } = archive('ustar')
    // In the middle of a header, of a file, and between two.
    for (const [bytes, message] of [
      [2600, /too early/],
      [1538, /middle of a file/],
      [1024, /too early/],
    ] as const) {
      truncateSync(path, bytes)
      await expect(TarArchive.open(path)).rejects.toMatchObject({ code: 'image-unreadable' })
      await expect(TarArchive.open(path)).rejects.toThrow(message)
    }
    const other = join(temporaryFolder(), 'other.tar')
    writeFileSync(other, 'x'.repeat(2000))
    await expect(TarArchive.open(other)).rejects.toMatchObject({ code: 'image-unreadable' })
    writeFileSync(other, '')
    await expect(TarArchive.open(other)).rejects.toMatchObject({ code: 'image-unreadable' })
    await expect(TarArchive.open(`${other}.gone`)).rejects.toMatchObject({ code: 'images-missing' })
  })
})
