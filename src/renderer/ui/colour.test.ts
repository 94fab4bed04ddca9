import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TAXONOMY } from '../../shared/taxonomy.ts'
import { contrast, inkOn } from './colour.ts'

type Three = readonly [number, number, number]

/**
 * How the three common colour-blindnesses see linear sRGB, row by row. Source: Machado, Oliveira, Fernandes 2009, IEEE TVCG 15:1291, severity 1.
 */
const VISION: Readonly<Record<string, readonly Three[]>> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function linear(hex: string): Three {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

/** CIELAB, D65, of a colour as a vision sees it. */
function lab(hex: string, vision: readonly Three[]): Three {
  const seen = linear(hex)
  const [r, g, b] = vision.map((row) =>
    Math.min(1, Math.max(0, row[0] * seen[0] + row[1] * seen[1] + row[2] * seen[2])),
  )
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047)
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const degrees = (radians: number): number => ((((radians * 180) / Math.PI) % 360) + 360) % 360
const cosine = (angle: number): number => Math.cos((angle * Math.PI) / 180)

/** CIEDE2000. Source: Sharma, Wu, Dalal 2005, Color Research and Application 30:21. */
function difference([l1, a1, b1]: Three, [l2, a2, b2]: Three): number {
  const chroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2
  const stretch = 1.5 - 0.5 * Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7))
  const c1 = Math.hypot(a1 * stretch, b1)
  const c2 = Math.hypot(a2 * stretch, b2)
  const h1 = c1 === 0 ? 0 : degrees(Math.atan2(b1, a1 * stretch))
  const h2 = c2 === 0 ? 0 : degrees(Math.atan2(b2, a2 * stretch))
  const grey = c1 * c2 === 0
  const turn = grey ? 0 : ((h2 - h1 + 540) % 360) - 180
  const hue = grey ? h1 + h2 : Math.abs(h1 - h2) <= 180 ? (h1 + h2) / 2 : ((h1 + h2 + 360) / 2) % 360
  const light = (l1 + l2) / 2
  const c = (c1 + c2) / 2
  const t =
    1 - 0.17 * cosine(hue - 30) + 0.24 * cosine(2 * hue) + 0.32 * cosine(3 * hue + 6) - 0.2 * cosine(4 * hue - 63)
  const dl = (l2 - l1) / (1 + (0.015 * (light - 50) ** 2) / Math.sqrt(20 + (light - 50) ** 2))
  const dc = (c2 - c1) / (1 + 0.045 * c)
  const dh = (2 * Math.sqrt(c1 * c2) * Math.sin((turn * Math.PI) / 360)) / (1 + 0.015 * c * t)
  const bend = 60 * Math.exp(-(((hue - 275) / 25) ** 2))
  const rotation = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * Math.sin((bend * Math.PI) / 180)
  return Math.sqrt(dl * dl + dc * dc + dh * dh + rotation * dc * dh)
}

describe('colours of the classes', () => {
  it('measures differences as the published examples do', () => {
    expect(difference([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 3)
    expect(difference([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 3)
    expect(difference([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619])).toBeCloseTo(2.0373, 3)
  })

  it.each(Object.entries(VISION))('keeps lineages apart in %s vision', (name, vision) => {
    const least = name === 'common' ? 15 : 9
    const near: string[] = []
    for (const [index, a] of TAXONOMY.entries()) {
      for (const b of TAXONOMY.slice(index + 1)) {
        const apart = difference(lab(a.colour, vision), lab(b.colour, vision))
        if (a.lineage !== b.lineage && apart < least) near.push(`${a.code} ${b.code} ${apart.toFixed(1)}`)
      }
    }
    expect(near).toEqual([])
  })

  it('grows lighter as the granulocyte matures', () => {
    const line = ['BLA', 'PMO', 'MYB', 'MMZ', 'NGB', 'NGS'].map(
      (code) => TAXONOMY.find((entry) => entry.code === code)!,
    )
    const lightness = line.map((entry) => lab(entry.colour, VISION.common)[0])
    expect(lightness).toEqual([...lightness].sort((a, b) => a - b))
  })

  it('carries a code that can be read', () => {
    for (const { colour } of TAXONOMY) expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(4.5)
  })
})

describe('text of the window', () => {
  const css = readFileSync(new URL('../app/theme.css', import.meta.url), 'utf8')
  const theme = (name: string): Record<string, string> => {
    const block = css.slice(css.search(new RegExp(`\\[data-theme=.${name}.\\]`)))
    return Object.fromEntries(
      [...block.slice(0, block.indexOf('}')).matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map((match) => [
        match[1],
        match[2],
      ]),
    )
  }

  it.each(['dark', 'light'])('can be read in the %s theme (WCAG AA)', (name) => {
    const colours = theme(name)
    const weak: string[] = []
    for (const ink of ['text', 'text-muted', 'text-faint', 'accent-text', 'warn', 'bad', 'good'])
      for (const ground of ['ground', 'panel', 'raised']) {
        const ratio = contrast(colours[ink], colours[ground])
        if (ratio < 4.5) weak.push(`${ink} on ${ground} ${ratio.toFixed(2)}`)
      }
    if (contrast(colours['accent-ink'], colours.accent) < 4.5) weak.push('accent-ink on accent')
    expect(weak).toEqual([])
  })
})
