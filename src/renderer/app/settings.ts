const key = (name: string): string => `medulla.${name}`

/** A setting of this window, kept between visits; the fallback where there is none or the browser keeps nothing. */
export function loadSetting<Value extends string | number>(name: string, fallback: Value): Value {
  try {
    const stored = localStorage.getItem(key(name))
    if (stored === null) return fallback
    if (typeof fallback === 'number') {
      const value = Number(stored)
      return (Number.isFinite(value) ? value : fallback) as Value
    }
    return stored as Value
  } catch {
    return fallback
  }
}

export function saveSetting(name: string, value: string | number): void {
  try {
    localStorage.setItem(key(name), String(value))
  } catch {
    // Private windows keep nothing; the setting then lasts as long as the page.
  }
}
