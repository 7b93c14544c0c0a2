// The paths of a sparkline, from zero at the bottom to the largest value at the top.

export function sparkPaths(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { line: string; area: string } {
  let max = 0
  for (const value of values) if (value !== null && value > max) max = value
  const step = values.length > 1 ? width / (values.length - 1) : 0
  const y = (value: number) => (max === 0 ? height - 1 : height - 1 - (value / max) * (height - 3))
  let line = ''
  let area = ''
  let run: string[] = []
  let start = 0
  const close = (end: number) => {
    if (run.length > 0) area += `M${round(start)},${height}L${run.join('L')}L${round(end)},${height}Z`
    run = []
  }
  for (const [index, value] of values.entries()) {
    const x = index * step
    if (value === null) {
      close(x - step)
      continue
    }
    const point = `${round(x)},${round(y(value))}`
    if (run.length === 0) start = x
    line += `${run.length === 0 ? 'M' : 'L'}${point}`
    run.push(point)
  }
  close((values.length - 1) * step)
  return { line, area }
}

const round = (value: number) => Math.round(value * 10) / 10
