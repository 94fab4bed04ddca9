import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../worker-file.ts'
import { chooseProvider } from './choose-provider.ts'
import { candidates } from './providers.ts'

const folder = join(projectRoot(), 'test/fixtures/models/colour-full')

describe('candidates', () => {
  it('are what the platform has and this build knows, the processor last', () => {
    const all = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorrt']
    expect(candidates('linux', all)).toEqual(['cuda', 'webgpu', 'cpu'])
    expect(candidates('win32', all)).toEqual(['dml', 'webgpu', 'cpu'])
    expect(candidates('darwin', all)).toEqual(['coreml', 'webgpu', 'cpu'])
    expect(candidates('linux', ['cpu', 'cuda'])).toEqual(['cuda', 'cpu'])
    expect(candidates('freebsd', all)).toEqual(['cpu'])
  })
})

describe('chooseProvider', () => {
  // DirectML and CoreML are in no build for Linux, CUDA's library is in none that npm installs.
  const notHere = process.platform === 'linux' ? (['dml', 'coreml'] as const) : (['cuda'] as const)

  it('falls back from one that does not run to the next, and says why', async () => {
    const offered = [...notHere, 'cpu'] as const
    const { provider, passedOver } = await chooseProvider({ folder, variant: 'float', wanted: 'auto', offered })
    expect(provider).toBe('cpu')
    expect(passedOver.map((each) => each.provider)).toEqual(notHere)
    for (const { reason } of passedOver) expect(reason).toMatch(/\w{3,}/)
  })

  it('takes the one asked for, or says why it cannot', async () => {
    expect(await chooseProvider({ folder, variant: 'int8', wanted: 'cpu' })).toEqual({
      provider: 'cpu',
      passedOver: [],
      tried: false,
    })
    await expect(
      chooseProvider({ folder, variant: 'float', wanted: notHere[0], offered: [...notHere, 'cpu'] }),
    ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining(notHere[0]) })
    await expect(
      chooseProvider({ folder, variant: 'float', wanted: notHere[0], offered: ['cpu'] }),
    ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('none for') })
  })

  it('tells of every one that this machine offers whether it runs there', async () => {
    const { provider, passedOver } = await chooseProvider({ folder, variant: 'float', wanted: 'auto' })
    console.log(`${provider} is taken here; passed over: ${JSON.stringify(passedOver)}`)
    expect(passedOver.map((each) => each.provider)).not.toContain(provider)
  })
})
