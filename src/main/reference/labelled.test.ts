import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { MedullaError } from '../../shared/errors.ts'
import { labelledCrops } from './labelled-crops.ts'
import { labelledFields } from './labelled-fields.ts'

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
      { xPx: 3, yPx: 5, widthPx: 4, heightPx: 6, class: null },
      { xPx: 13, yPx: 5, widthPx: 4, heightPx: 6, class: 'LYT' },
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

describe('labelledCrops', () => {
  it('takes the class from the folder, platelets as artefacts', async () => {
    const folder = temporaryFolder()
    for (const name of ['LYT', 'PLT']) {
      mkdirSync(join(folder, name))
      await picture(join(folder, name, 'x.png'))
    }
    expect((await labelledCrops(folder)).map((crop) => crop.class)).toEqual(['LYT', 'ART'])
  })

  it('refuses folders that are no class, and a folder that is not there', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'cats'))
    expect(await codeOf(labelledCrops(folder))).toBe('invalid-input')
    expect(await codeOf(labelledCrops(join(folder, 'nowhere')))).toBe('images-missing')
  })
})
