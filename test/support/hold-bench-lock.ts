import { acquireBenchLock } from '../../src/main/casebook/bench-lock.ts'

acquireBenchLock(process.argv[2])
console.log('held')
// Until it is killed.
setInterval(() => undefined, 60_000)
