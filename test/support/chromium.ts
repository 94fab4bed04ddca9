import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright'

/** A Chromium on this machine: named by MEDULLA_CHROMIUM, the distribution's, or Playwright's own. null: none. */
export function findChromium(): string | null {
  const candidates = [
    process.env.MEDULLA_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    chromium.executablePath(),
  ]
  return candidates.find((file) => file !== undefined && existsSync(file)) ?? null
}

export function launchChromium(executablePath: string): Promise<Browser> {
  // Chromium's sandbox cannot start as root, which is who tests are in containers.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
