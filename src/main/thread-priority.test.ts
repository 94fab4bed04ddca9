import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Prints the niceness of a process's threads, by name, once its helpers and a worker of its own have stepped back. */
const PROGRAM = `
const { readdirSync, readFileSync } = require('node:fs')
const { Worker } = require('node:worker_threads')
const { helpersStepBack } = require(${JSON.stringify(new URL('thread-priority.ts', import.meta.url).pathname)})
helpersStepBack()
const worker = new Worker(\`
  require(${JSON.stringify(new URL('thread-priority.ts', import.meta.url).pathname)}).stepBack('inference')
  require('node:worker_threads').parentPort.postMessage('ready')
  setInterval(() => undefined, 1000)\`, { eval: true })
worker.on('message', () => {
  const threads = readdirSync('/proc/self/task').map((id) => {
    const [name, rest] = /\\((.*)\\) (.*)/s.exec(readFileSync('/proc/self/task/' + id + '/stat', 'utf8')).slice(1)
    return [name, Number(rest.split(' ')[16])]
  })
  console.log(JSON.stringify(threads))
  process.exit()
})`

test.skipIf(process.platform !== 'linux')(
  "computing threads and Node's helpers step back, the main thread does not",
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const threads = JSON.parse(stdout) as [string, number][]
    const niceness = (name: RegExp) => [...new Set(threads.filter(([one]) => name.test(one)).map(([, nice]) => nice))]
    expect(niceness(/^MainThread|^node/)).toEqual([0])
    expect(niceness(/^V8Worker/)).toEqual([9])
    expect(niceness(/^WorkerThread/)).toEqual([10])
  },
)
