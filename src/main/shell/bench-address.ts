/** Paths that belong to the bench; everything else is the renderer's files. */
export function isBenchPath(pathname: string): boolean {
  return (
    pathname === '/live.jpg' ||
    pathname === '/rpc' ||
    pathname.startsWith('/rpc/') ||
    pathname.startsWith('/tiles/') ||
    pathname.startsWith('/crops/')
  )
}
