import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { Markdown } from './Markdown.tsx'

const rendered = (text: string): string => renderToStaticMarkup(createElement(Markdown, { text }))

describe("a stranger's Markdown", () => {
  it('becomes headings, words, lists and tables', () => {
    const html = rendered('# One\n\nSome *words*, **more**.\n\n- a\n- b `c`\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n')
    expect(html).toContain('<h3>One</h3>')
    expect(html).toContain('<em>words</em>')
    expect(html).toContain('<li>b <code>c</code></li>')
    expect(html).toContain('<td class="right">2</td>')
  })

  it('brings no element, address or picture of its own into the page', () => {
    const html = rendered(
      [
        '<script>alert(1)</script>',
        '',
        'Text <img src=x onerror=alert(1)> and <a href="javascript:alert(1)">here</a>.',
        '',
        '[link](javascript:alert(1)) ![alt](http://example.invalid/x.png) <https://example.invalid/>',
        '',
        '<div onclick="alert(1)">\n\n# In a block\n\n</div>',
        '',
        '<svg><script>alert(1)</script></svg>',
      ].join('\n'),
    )
    expect(html.match(/<(?!\/?(div|p|h3|h4|h5|em|strong|code|pre|br)\b)[^>]*>/g)).toBeNull()
    expect(html).not.toMatch(/<[^>]*(href|src|on\w+|style)\s*=/)
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain('(javascript:alert(1))')
    expect(html).toContain('alt')
  })

  it('may be nested as deep and be as long as a stranger likes', () => {
    expect(rendered(`${'> '.repeat(3000)}end`)).toContain('end')
    expect(rendered(`${'*'.repeat(2000)}a${'*'.repeat(2000)}`)).toContain('a')
    expect(rendered('x '.repeat(300_000))).toContain('(cut here)')
  })
})
