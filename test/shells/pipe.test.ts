import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

it('says nothing of a reader that leaves before the end of the answer', async () => {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'src/main/cli.ts'), 'doctor', '--json', '--data', temporaryFolder()],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  child.stdout.destroy()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [exitCode] = await once(child, 'close')
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
})
