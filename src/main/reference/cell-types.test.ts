import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { MedullaError } from '../../shared/errors.ts'
import { readCellTypes } from './cell-types.ts'
import { labelledFields } from './labelled-fields.ts'

const listed = (text: string) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'types.csv'), text)
  return folder
}

describe('readCellTypes', () => {
  it('takes a band for right where the set lists none', async () => {
    const types = await readCellTypes(listed('image,class\na.jpg,NGS\r\nb.jpg, LYT\n\n'))
    expect(types!.byImage.get('a.jpg')).toEqual({ class: 'NGS', also: ['NGB'] })
    expect(types!.byImage.get('b.jpg')).toEqual({ class: 'LYT', also: [] })
    expect(types!.notes[0]).toContain('NGB counts as right')
  })

  it('tells band from segmented where the set does', async () => {
    const types = await readCellTypes(listed('class,image\nNGS,a.jpg\nNGB,b.jpg'))
    expect(types!.byImage.get('a.jpg')).toEqual({ class: 'NGS', also: [] })
    expect(types!.notes).toEqual([])
  })

  it('knows the words of blood sets', async () => {
    const types = await readCellTypes(listed('image,class\na.jpg,NEUTROPHIL\nb.jpg,Monocyte'))
    expect([...types!.byImage.values()].map((type) => type.class)).toEqual(['NGS', 'MON'])
  })

  it('is nothing where there is no list, and refuses one it cannot understand', async () => {
    expect(await readCellTypes(temporaryFolder())).toBeNull()
    for (const text of ['', 'a.jpg,NGS', 'image,class\na.jpg,cat', 'image,class\na.jpg']) {
      const error = await readCellTypes(listed(text)).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(MedullaError)
      expect(error).toMatchObject({ code: 'invalid-input' })
    }
  })
})

describe('labelledFields', () => {
  it('gives the type to the cell of images that have exactly one', async () => {
    const folder = listed('image,class\none.png,NGS\ntwo.png,NGS')
    const box =
      '<object><name>WBC</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object>'
    for (const [name, boxes] of [
      ['one', box],
      ['two', box + box],
    ]) {
      writeFileSync(join(folder, `${name}.xml`), `<annotation>${boxes}</annotation>`)
      await sharp({ create: { width: 9, height: 9, channels: 3, background: '#eee' } })
        .png()
        .toFile(join(folder, `${name}.png`))
    }
    const [one, two] = await labelledFields(folder, await readCellTypes(folder))
    expect(one.cells).toMatchObject([{ class: 'NGS', also: ['NGB'] }])
    expect(two.cells.map((cell) => cell.class)).toEqual([null, null])
  })
})
