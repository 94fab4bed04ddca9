import { desk, type Theme } from './desk.ts'
import { saveSetting } from './settings.ts'

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
}

export function toggleTheme(): void {
  const theme = desk.get().theme === 'dark' ? 'light' : 'dark'
  saveSetting('theme', theme)
  applyTheme(theme)
  desk.set({ theme })
}
