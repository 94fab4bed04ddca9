import { RESEARCH_USE_ONLY } from '../../shared/taxonomy.ts'
import type { Problem } from './bench-message.ts'

/** Where the page's one link leads; the window's process catches it and starts the bench again. */
export const RETRY_PATH = '/retry'

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center;
    background: light-dark(#f4f4f2, #1c1d1f); color: light-dark(#222, #ddd); }
  main { max-width: 36rem; padding: 2rem; }
  h1 { font-size: 1.2rem; font-weight: 600; }
  code { opacity: 0.7; }
  a { display: inline-block; margin-top: 1rem; padding: 0.5rem 1rem; border: 1px solid currentcolor; border-radius: 4px;
    color: inherit; text-decoration: none; }
  footer { margin-top: 3rem; opacity: 0.7; }
`

/** Shown in the window in place of the bench's own page while the bench cannot open. */
export function problemPage(problem: Problem): Response {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Medulla</title><style>${STYLE}</style></head>
<body><main>
<h1>The bench could not be opened</h1>
<p>${escapeHtml(problem.message)}</p>
<p>${escapeHtml(problem.remedy)}</p>
<p><code>${escapeHtml(problem.code)}</code></p>
<a href="${RETRY_PATH}">Try again</a>
<footer>${RESEARCH_USE_ONLY}</footer>
</main></body></html>`
  return new Response(html, {
    status: 503,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      'cache-control': 'no-store',
    },
  })
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
