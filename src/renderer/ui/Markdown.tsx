import { lexer, type MarkedToken, type Token } from 'marked'
import { createElement, Fragment, type ReactNode } from 'react'
import './markdown.css'

/** Nested deeper than this, text is shown as it was written: nobody writes so, and every level costs a call. */
const DEEPEST = 12
const LONGEST = 200_000

/**
 * A stranger's Markdown (with tables) as elements of this page and nothing else: HTML in it is shown as text, pictures by their words,
 * links by their words and address, as this window leads nowhere.
 */
export function Markdown({ text }: { readonly text: string }) {
  const source = text.length > LONGEST ? `${text.slice(0, LONGEST)}\n\n(cut here)` : text
  let tokens: readonly Token[]
  try {
    tokens = lexer(source, { gfm: true })
  } catch {
    // Nested so deep that the parser gives up.
    return <pre className="markdown">{source}</pre>
  }
  return <div className="markdown">{children(tokens, 0)}</div>
}

function children(tokens: readonly Token[] | undefined, depth: number): ReactNode {
  // As arguments, not as a list: what is written stays in its order, so nothing needs a key.
  return createElement(Fragment, null, ...(tokens ?? []).map((token) => element(token, depth + 1)))
}

function element(token: Token, depth: number): ReactNode {
  if (depth > DEEPEST || !isKnown(token)) return token.raw
  const inside = (tokens: readonly Token[] | undefined): ReactNode => children(tokens, depth)
  switch (token.type) {
    case 'heading': {
      // The dialog's own title is the first heading of the page.
      const Heading = token.depth <= 1 ? 'h3' : token.depth === 2 ? 'h4' : 'h5'
      return <Heading>{inside(token.tokens)}</Heading>
    }
    case 'paragraph':
      return <p>{inside(token.tokens)}</p>
    case 'text':
      return token.tokens ? inside(token.tokens) : token.text
    case 'strong':
      return <strong>{inside(token.tokens)}</strong>
    case 'em':
      return <em>{inside(token.tokens)}</em>
    case 'del':
      return <del>{inside(token.tokens)}</del>
    case 'codespan':
      return <code>{token.text}</code>
    case 'code':
      return <pre>{token.text}</pre>
    case 'br':
      return <br />
    case 'hr':
      return <hr />
    case 'escape':
      return token.text
    case 'blockquote':
      return <blockquote>{inside(token.tokens)}</blockquote>
    case 'list': {
      const items = token.items.map((item) => <li key={item.raw}>{inside(item.tokens)}</li>)
      return token.ordered ? <ol start={token.start === '' ? undefined : token.start}>{items}</ol> : <ul>{items}</ul>
    }
    case 'table':
      return (
        <table>
          <thead>
            <tr>
              {token.header.map((cell) => (
                <th key={cell.text} scope="col" className={cell.align ?? undefined}>
                  {inside(cell.tokens)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {token.rows.map((row) => (
              <tr key={row.map((cell) => cell.text).join('|')}>
                {row.map((cell, column) => (
                  <td key={token.header[column]?.text ?? column} className={cell.align ?? undefined}>
                    {inside(cell.tokens)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )
    case 'link':
      return token.text === token.href ? (
        token.href
      ) : (
        <>
          {inside(token.tokens)} ({token.href})
        </>
      )
    case 'image':
      return token.text
    case 'space':
    case 'def':
      return null
    default:
      return token.raw
  }
}

const KNOWN: ReadonlySet<string> = new Set<MarkedToken['type']>([
  'heading',
  'paragraph',
  'text',
  'strong',
  'em',
  'del',
  'codespan',
  'code',
  'br',
  'hr',
  'escape',
  'blockquote',
  'list',
  'table',
  'link',
  'image',
  'space',
  'def',
])

function isKnown(token: Token): token is MarkedToken {
  return KNOWN.has(token.type)
}
