/**
 * OpenSeadragon adds a style element for phones unless one with this attribute is there; the content security policy would refuse it and
 * write an error. An element of no known kind, under the same name, keeps it from trying.
 */
export function spareInlineStyle(): void {
  if (document.querySelector('style[data-openseadragon-mobile-css]')) return
  const sign = document.createElementNS(null, 'style')
  sign.setAttribute('data-openseadragon-mobile-css', 'none')
  document.head.append(sign)
}
