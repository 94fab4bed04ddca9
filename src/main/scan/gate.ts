import type { FieldQuality, LeftOut } from '../../shared/contract/quality.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { judgeField } from '../../shared/quality/judge.ts'
import { RunStandard } from '../../shared/quality/standard.ts'
import type { FieldSource } from './field-source.ts'

/** Which fields count, as they are committed one after the other. A resumed run goes on with what the fields before show. */
export class Gate {
  readonly #standard: RunStandard

  /** @param fields those committed so far, in order. */
  constructor(source: Pick<FieldSource, 'fieldOrigin' | 'sharpUm'>, fields: readonly Pick<Field, 'quality'>[]) {
    this.#standard = new RunStandard(source.fieldOrigin, source.sharpUm)
    for (const { quality } of fields) this.committed(quality)
  }

  /** Of the next field; null: it counts. */
  judge(quality: FieldQuality): LeftOut | null {
    const verdict = judgeField(quality, this.#standard.standard)
    return verdict && { ...verdict, reader: null }
  }

  committed(quality: FieldQuality | null): void {
    this.#standard.add(quality)
  }
}
