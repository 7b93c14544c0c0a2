// Colour tokens as values for a canvas, which cannot read CSS variables.

let probe: HTMLElement | null = null
const known = new Map<string, string>()
let knownFor = ''

/** `ok` → the token's colour in the theme on the screen. */
export function tokenColor(token: string): string {
  const theme = `${document.documentElement.dataset.theme ?? ''} ${window.matchMedia('(prefers-color-scheme: light)').matches}`
  if (theme !== knownFor) {
    known.clear()
    knownFor = theme
  }
  let color = known.get(token)
  if (color === undefined) {
    probe ??= document.body.appendChild(Object.assign(document.createElement('i'), { hidden: true }))
    probe.style.color = `var(--${token})`
    color = getComputedStyle(probe).color
    known.set(token, color)
  }
  return color
}

/** The same colour, let through: `rgb(1, 2, 3)` → `rgba(1, 2, 3, a)`. */
export function translucent(color: string, alpha: number): string {
  const parts = color.match(/[\d.]+/g)?.slice(0, 3) ?? []
  return `rgba(${parts.join(', ')}, ${alpha})`
}

/** Hatching for what is not a status but an absence: aborted, or a gap. */
export function hatching(context: CanvasRenderingContext2D, color: string): CanvasPattern | string {
  const size = 6
  const tile = document.createElement('canvas')
  tile.width = size
  tile.height = size
  const pen = tile.getContext('2d')
  if (pen === null) return color
  pen.strokeStyle = color
  pen.lineWidth = 1.5
  for (const offset of [-size, 0, size]) {
    pen.moveTo(offset, size)
    pen.lineTo(offset + size, 0)
  }
  pen.stroke()
  return context.createPattern(tile, 'repeat') ?? color
}
