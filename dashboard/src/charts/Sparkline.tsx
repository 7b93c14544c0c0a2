// A line as tall as a word: the shape of a figure, without axes. Gaps stay gaps.
import { sparkPaths } from './spark.ts'

interface Props {
  values: readonly (number | null)[]
  token?: string
  width?: number
  height?: number
  /** Fill the width of what is around it. */
  fluid?: boolean
}

export function Sparkline({ values, token = 'muted', width = 96, height = 20, fluid = false }: Props) {
  const { line, area } = sparkPaths(values, width, height)
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      width={fluid ? '100%' : width}
      height={height}
      className="block overflow-visible"
    >
      <path d={area} fill={`var(--${token})`} opacity="0.14" />
      <path
        d={line}
        fill="none"
        stroke={`var(--${token})`}
        strokeWidth="1.25"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}
