import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { RepeatedFiles } from './repeated-files.ts'

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

it('names the first of the files that are the same, and takes none of one size for another', async () => {
  const repeated = new RepeatedFiles(
    folderWith({ 'a.tif': 'cells', 'b.tif': 'slide', 'c.tif': 'cells', 'd.tif': 'cells and more', 'e.tif': 'cells' }),
    [],
  )
  const found: (string | null)[] = []
  for (const name of ['a.tif', 'b.tif', 'c.tif', 'd.tif', 'e.tif']) found.push(await repeated.firstLike(name))
  expect(found).toEqual([null, null, 'a.tif', null, 'a.tif'])
})

it('knows what was taken before it was there, but for files that are gone', async () => {
  const folder = folderWith({ 'a.tif': 'cells', 'b.tif': 'slide', 'c.tif': 'slide', 'd.tif': 'cells' })
  rmSync(join(folder, 'a.tif'))
  const repeated = new RepeatedFiles(folder, ['a.tif', 'b.tif'])
  expect(await repeated.firstLike('c.tif')).toBe('b.tif')
  expect(await repeated.firstLike('d.tif')).toBeNull()
})
