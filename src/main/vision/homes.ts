import type { Fragments } from './fragments.ts'

/**
 * For each fragment of a nucleus the body it lies in: index plus 1, 0: none. Where it lies in several, the one that holds more than
 * half of it (Boyer and Moore's majority vote), else one of them.
 */
export function bodiesOf(fragments: Fragments, bodies: Fragments): Int32Array {
  const bodyOf = new Int32Array(fragments.list.length)
  const lead = new Int32Array(fragments.list.length)
  for (let i = 0; i < fragments.labels.length; i++) {
    const fragment = fragments.labels[i] - 1
    if (fragment < 0) continue
    const body = bodies.labels[i]
    if (bodyOf[fragment] === body) {
      lead[fragment]++
    } else if (lead[fragment] === 0) {
      bodyOf[fragment] = body
      lead[fragment] = 1
    } else {
      lead[fragment]--
    }
  }
  return bodyOf
}

/**
 * For each body (index plus 1) the body with a nucleus it belongs to: itself where it has one; the neighbour it hangs on by most of
 * its width, as a bulge of a cell does; else 0: a platelet, red cell or fibre that clings to a cell.
 */
export function homesOf(bodies: Fragments, bodyOf: Int32Array): Int32Array {
  const nucleated = new Uint8Array(bodies.list.length + 1)
  for (const body of bodyOf) nucleated[body] = 1
  const homes = Int32Array.from(nucleated, (has, body) => (has === 1 ? body : 0))
  homes[0] = 0
  const widest = new Float64Array(bodies.list.length + 1)
  const attach = (bulge: number, cell: number, radius: number): void => {
    if (nucleated[cell] === 0 || nucleated[bulge] === 1 || radius <= widest[bulge]) return
    if (radius <= BULGE * bodies.list[bulge - 1].radius) return
    widest[bulge] = radius
    homes[bulge] = cell
  }
  for (const { a, b, radius } of bodies.necks) {
    attach(a + 1, b + 1, radius)
    attach(b + 1, a + 1, radius)
  }
  return homes
}

/** Half the neck over the radius of the largest disc, from which on a body is a bulge of its neighbour. */
const BULGE = 0.75
