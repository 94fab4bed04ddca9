import { homedir } from 'node:os'
import path from 'node:path'

/**
 * Where cases, slides and settings are kept unless the user names a folder: the platform's application data folder.
 * Windows: the local one, because slides are too large to roam. Linux: XDG Base Directory Specification 0.8, `XDG_DATA_HOME`.
 */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  const named = environment.MEDULLA_DATA
  if (named) return path.resolve(named)
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Medulla')
  if (platform === 'win32') return path.join(environment.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'Medulla')
  // The specification: a relative path in the variable is invalid and to be ignored.
  const share = environment.XDG_DATA_HOME
  return path.join(share && path.isAbsolute(share) ? share : path.join(home, '.local', 'share'), 'Medulla')
}
