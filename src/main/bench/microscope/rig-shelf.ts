import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type RigFile, rigFile } from '../../../shared/contract/rig.ts'
import { rigId, type StoredRig } from '../../../shared/contract/rigs.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { dataUnwritable, diskError } from '../../disk-errors.ts'
import { writeWhole } from '../../durable-files.ts'
import { checkRig } from '../../microscope/rig-file.ts'

/** The rig files of a data folder: DATA/rigs/NAME.json. */
export class RigShelf {
  readonly folder: string

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'rigs')
  }

  async list(): Promise<StoredRig[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
    const rigs = await Promise.all(ids.filter((id) => rigId.safeParse(id).success).map((id) => this.#read(id)))
    return rigs.sort((a, b) => (a.rig?.name ?? a.rigId).localeCompare(b.rig?.name ?? b.rigId))
  }

  /** @param id null: a new file, named after the rig. */
  async save(id: string | null, rig: RigFile): Promise<StoredRig> {
    checkRig(rig)
    const name = id ?? (await this.#freeId(rig.name))
    const path = this.#path(name)
    try {
      await writeWhole(path, textOf(rig))
    } catch (error) {
      throw diskError(error, path) ?? dataUnwritable(path, error)
    }
    return { rigId: name, path, rig, problem: null }
  }

  /** Rejects `not-found`. @returns what the file said. */
  async remove(id: string): Promise<string> {
    const path = this.#path(id)
    try {
      const text = await readFile(path, 'utf8')
      await rm(path)
      return text
    } catch (cause) {
      throw new MedullaError(
        'not-found',
        `There is no rig file ${path}.`,
        { remedy: 'Choose one of the rigs that are listed.', values: { path } },
        { cause },
      )
    }
  }

  async #read(id: string): Promise<StoredRig> {
    const path = this.#path(id)
    const { rig, problems } = readRig(
      await readFile(path, 'utf8').catch((error: Error) => `unreadable: ${error.message}`),
    )
    return { rigId: id, path, rig, problem: problems.length > 0 ? problems.join('\n') : null }
  }

  async #freeId(name: string): Promise<string> {
    const slug = name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60)
    const base = slug === '' ? 'rig' : slug
    const taken = new Set((await this.list()).map((rig) => rig.rigId))
    for (let number = 1; ; number++) {
      const id = number === 1 ? base : `${base}-${number}`
      if (!taken.has(id)) return id
    }
  }

  #path(id: string): string {
    return join(this.folder, `${id}.json`)
  }
}

/** As a person would write it. */
export function textOf(rig: RigFile): string {
  return `${JSON.stringify(rig, null, 2)}\n`
}

/** What a rig file's text says, or what is wrong with it, place by place. */
export function readRig(text: string): { rig: RigFile | null; problems: string[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { rig: null, problems: [`It is no JSON: ${(error as Error).message}`] }
  }
  const { data, error } = rigFile.safeParse(value)
  if (error)
    return {
      rig: null,
      problems: z
        .prettifyError(error)
        .split('\n✖')
        .map((each) => each.replace(/^✖/, '').trim()),
    }
  try {
    checkRig(data)
    return { rig: data, problems: [] }
  } catch (unfit) {
    return { rig: null, problems: [(unfit as Error).message] }
  }
}
