/** Line drawings on a 16 x 16 grid, in the colour of the text around them. */
const PATHS = {
  fit: 'M2 6V2h4M14 6V2h-4M2 10v4h4M14 10v4h-4',
  actual: 'M3 5l2-1.5V12.5M11 5l2-1.5V12.5M8 6.4v.2M8 9.9v.2',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  boxes: 'M2.5 3.5h5v5h-5zM9 8h4.5v4.5H9z',
  seams: 'M2 2.5h5.2v11H2zM8.8 2.5H14v11H8.8zM5 5.5h6M5 10.5h6',
  follow: 'M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 5a3 3 0 100 6 3 3 0 000-6z',
  play: 'M4.5 3l8 5-8 5z',
  pause: 'M5 3v10M11 3v10',
  stop: 'M4 4h8v8H4z',
  moon: 'M13.2 9.6A5.6 5.6 0 016.4 2.8 5.6 5.6 0 1013.2 9.6z',
  sun: 'M8 5.2a2.8 2.8 0 100 5.6 2.8 2.8 0 000-5.6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1',
  close: 'M4 4l8 8M12 4l-8 8',
  help: 'M5.8 6.2A2.3 2.3 0 018 4.3c1.3 0 2.3.9 2.3 2 0 1.6-2.3 1.8-2.3 3.4M8 11.9v.2',
  folder: 'M1.8 4h4.4l1.4 1.6h6.6v7H1.8z',
  map: 'M3.5 4.5v.2M6 3v.2M5.2 6.2v.2M10.5 4v.2M12.5 6v.2M11 7.2v.2M7.5 11v.2M9.5 12.5v.2M5.5 12.7v.2M12.5 11.5v.2',
  lasso:
    'M8 2.5c3.3 0 5.8 1.6 5.8 3.7S11.3 10 8 10 2.2 8.3 2.2 6.2 4.7 2.5 8 2.5zM5.2 9.4c-1.4.9-1.4 2.6.2 3.1 1 .3 1.2 1 .8 1.8',
  undo: 'M6 3L3 6l3 3M3 6h6.5a3.5 3.5 0 010 7H6',
} as const

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg
      className="icon"
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
