import { join } from 'node:path'
import { projectRoot } from '../worker-file.ts'

/** The model package that comes with Medulla. */
export function bundledModelFolder(): string {
  return join(projectRoot(), 'resources', 'models', 'marrow-5.2')
}
