import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../worker-file.ts'
import { type ModelManifest, modelManifest } from './manifest.ts'
import { contradiction } from './manifest-claims.ts'

const file = join(projectRoot(), 'test/fixtures/models/colour-full/manifest.json')

function manifest(): ModelManifest {
  return modelManifest.parse(JSON.parse(readFileSync(file, 'utf8')))
}

const figures = {
  set: 'marrow',
  path: 'cells.tar',
  pixelSizeUm: 0.1,
  split: 'sha256-15',
  variant: 'float' as const,
  n: 3,
  balancedAccuracy: 1,
  accuracy: 1,
  calibrationError: 0,
  tolerance: 0.01,
}

describe('contradiction', () => {
  it('is none in a sound manifest', () => {
    expect(contradiction({ ...manifest(), measured: [figures] })).toBeNull()
  })

  const faults: readonly [string, (manifest: ModelManifest) => void, RegExp][] = [
    ['a file elsewhere', (m) => (m.testVector!.crops = '../crops.bin'), /\.\.\/crops\.bin .* outside the package/],
    ['a file elsewhere on Windows', (m) => (m.int8!.file = '..\\model.onnx'), /outside the package/],
    ['one file for two parts', (m) => (m.int8!.file = 'Model.onnx'), /the same file/],
    ['the manifest as a graph', (m) => (m.file = 'manifest.json'), /the same file/],
    ['an output named twice', (m) => (m.output.unfamiliarity!.name = 'embedding'), /output of the graph twice/],
    ['evidence for another class', (m) => (m.evidence.BLA = { ...m.evidence.LYT! }), /BLA, which the model does not/],
    ['no images, but some', (m) => (m.evidence.LYT!.images = 'none'), /30 validation images of LYT \(none\)/],
    ['a limit for nothing', (m) => delete m.output.unfamiliarity, /unfamiliarity that the graph does not give/],
    ['a rule that is not one', (m) => (m.unsure!.table[0]!.below = 0.5), /unsure cells asks for more/],
    ['a confusion matrix of other images', (m) => (m.confusion!.EOS!.LYT = 3), /21 images of EOS, its evidence 20/],
    ['one of a class without evidence', (m) => delete m.evidence.NGS, /10 images of NGS, its evidence 0/],
    ['one that answers what the model cannot', (m) => (m.confusion!.EOS = { EOS: 18, MON: 2 }), /MON, which/],
    [
      'one with another recall',
      (m) => (m.confusion!.EOS = { EOS: 17, LYT: 3 }),
      /recall of 0\.8500, its evidence 0\.9/,
    ],
    ['too few rows', (m) => m.testVector!.probabilities.pop(), /not 6 rows of 3/],
    ['rows too short', (m) => m.int8!.probabilities![2]!.pop(), /not 6 rows of 3/],
    ['rows that are no probabilities', (m) => (m.testVector!.probabilities[1] = [0.5, 0.2, 0.2]), /do not sum to 1/],
    ['8 bit answers without a tolerance', (m) => delete m.int8!.tolerance, /without a tolerance/],
    ['8 bit answers to nothing', (m) => delete m.testVector, /no test vector/],
    ['figures from elsewhere', (m) => (m.measured = [{ ...figures, path: 'a/../../b' }]), /outside the data folder/],
    ['figures from a disk', (m) => (m.measured = [{ ...figures, path: 'C:\\data' }]), /outside the data folder/],
  ]
  for (const [what, change, message] of faults) {
    it(`finds ${what}`, () => {
      const changed = manifest()
      change(changed)
      expect(contradiction(changed)).toMatch(message)
    })
  }
})
