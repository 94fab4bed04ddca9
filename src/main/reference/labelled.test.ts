import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { MedullaError } from '../../shared/errors.ts'
import { openLabelledCrops } from './labelled-crops.ts'
import { labelledFields } from './labelled-fields.ts'
import { inSplit } from './split.ts'

async function picture(path: string): Promise<void> {
  await sharp({ create: { width: 20, height: 20, channels: 3, background: '#eee' } })
    .png()
    .toFile(path)
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof MedullaError ? error.code : String(error)),
  )
}

describe('labelledFields', () => {
  it('reads Pascal VOC: white cells are cells, red cells and platelets are not', async () => {
    const folder = temporaryFolder()
    await picture(join(folder, 'a.png'))
    const object = (name: string, x: number) =>
      `<object><name>${name}</name><bndbox><xmin>${x}</xmin><ymin>2</ymin><xmax>${x + 4}</xmax><ymax>8</ymax></bndbox></object>`
    writeFileSync(
      join(folder, 'a.xml'),
      `<annotation>${object('WBC', 1)}${object('RBC', 5)}${object('Platelets', 9)}${object('LYT', 11)}</annotation>`,
    )
    const [field] = await labelledFields(folder)
    expect(field.cells).toEqual([
      { xPx: 3, yPx: 5, widthPx: 4, heightPx: 6, class: null, also: [] },
      { xPx: 13, yPx: 5, widthPx: 4, heightPx: 6, class: 'LYT', also: [] },
    ])
  })

  it('reads a file with one object and one with none', async () => {
    const folder = temporaryFolder()
    await picture(join(folder, 'one.png'))
    await picture(join(folder, 'none.png'))
    writeFileSync(
      join(folder, 'one.xml'),
      '<annotation><object><name>WBC</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>',
    )
    writeFileSync(join(folder, 'none.xml'), '<annotation><folder>x</folder></annotation>')
    expect((await labelledFields(folder)).map((field) => field.cells.length)).toEqual([0, 1])
  })

  it('names the file whose truth is broken, and a folder without truth', async () => {
    const folder = temporaryFolder()
    await picture(join(folder, 'a.png'))
    expect(await codeOf(labelledFields(folder))).toBe('images-missing')
    writeFileSync(join(folder, 'a.json'), '{"cells": [{"x": 1}]}')
    expect(await codeOf(labelledFields(folder))).toBe('invalid-input')
  })
})

describe('openLabelledCrops', () => {
  async function classFolders(...names: string[]): Promise<string> {
    const folder = temporaryFolder()
    for (const name of names) {
      mkdirSync(join(folder, name))
      await picture(join(folder, name, 'x.png'))
    }
    return folder
  }

  it('takes the class from the folder, platelets as artefacts', async () => {
    const { crops } = await openLabelledCrops(await classFolders('LYT', 'PLT'))
    expect(crops.map((crop) => crop.class)).toEqual(['LYT', 'ART'])
  })

  it('refuses folders with other names, and a folder that is not there', async () => {
    const folder = await classFolders('LYT', 'cats')
    expect(await codeOf(openLabelledCrops(folder))).toBe('invalid-input')
    expect(await codeOf(openLabelledCrops(join(folder, 'nowhere')))).toBe('images-missing')
    expect(await codeOf(openLabelledCrops(temporaryFolder()))).toBe('images-missing')
  })

  it('reads a tar archive as it does the folder in it', async () => {
    const folder = await classFolders('LYT', 'PLT')
    const made = spawnSync('tar', ['-cf', join(folder, 'set.tar'), '-C', folder, 'LYT', 'PLT'])
    if (made.status !== 0) return console.log('skipped: there is no tar to write an archive with')
    const set = await openLabelledCrops(join(folder, 'set.tar'))
    expect(set.crops.map((crop) => crop.class).sort()).toEqual(['ART', 'LYT'])
    for (const crop of set.crops) expect(await crop.read()).toMatchObject({ widthPx: 20, heightPx: 20 })
    await set.close()
  })

  it('takes a split by the hash of the file name alone', async () => {
    const folder = await classFolders('LYT')
    const names = Array.from({ length: 60 }, (_, i) => `LYT_${String(i).padStart(5, '0')}.png`)
    for (const name of names) await picture(join(folder, 'LYT', name))
    const { crops } = await openLabelledCrops(folder, 'sha256-15')
    const taken = names.filter((name) => crops.some((crop) => crop.name.endsWith(name)))
    expect(taken).toHaveLength(crops.length)
    // As training/images.py splits them: its test has the same names, but .jpg.
    const jpegs = names.map((name) => name.replace('.png', '.jpg')).filter((name) => inSplit('sha256-15', name))
    expect(jpegs.map((name) => Number(name.slice(4, 9)))).toEqual([2, 4, 5, 9, 12, 22, 28, 38, 40, 42, 45, 52])
    expect(await codeOf(openLabelledCrops(folder, 'sha256-0'))).toBe('images-missing')
  })
})
