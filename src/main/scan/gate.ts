import type { FieldQuality, LeftOut, RunFlag } from '../../shared/contract/quality.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { DriftWatch } from '../../shared/quality/drift.ts'
import { judgeField } from '../../shared/quality/judge.ts'
import { RunStandard } from '../../shared/quality/standard.ts'
import type { FieldSource } from './field-source.ts'

/** Which fields count, as they are committed one after the other. A resumed run goes on with what the fields before show. */
export class Gate {
  readonly #standard: RunStandard
  /** null: images of any origin differ without having drifted. */
  readonly #drift: DriftWatch | null

  /** @param fields those committed so far, in order. */
  constructor(
    source: Pick<FieldSource, 'fieldOrigin' | 'sharpUm'>,
    fields: readonly Pick<Field, 'index' | 'quality'>[],
  ) {
    this.#standard = new RunStandard(source.fieldOrigin, source.sharpUm)
    this.#drift = source.fieldOrigin === 'one-slide' ? new DriftWatch() : null
    for (const { index, quality } of fields) {
      // What it told was kept with the field then.
      if (quality) this.drift(quality, index)
      this.committed(quality)
    }
  }

  /** Of the next field; null: it counts. */
  judge(quality: FieldQuality): LeftOut | null {
    const verdict = judgeField(quality, this.#standard.standard)
    return verdict && { ...verdict, reader: null }
  }

  /** What is sure from this field on, the next one; told once. */
  drift(quality: FieldQuality, index: number): RunFlag[] {
    return this.judge(quality) === null ? (this.#drift?.add(quality, index) ?? []) : []
  }

  committed(quality: FieldQuality | null): void {
    this.#standard.add(quality)
  }
}
