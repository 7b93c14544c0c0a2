// A line under the bar when the live connection is lost; and the spoken summary, at most every 10 s.
import { useEffect, useRef, useState } from 'react'
import { live, useConnection, useTick } from '../api/live.ts'
import { formatDuration, formatRate } from '../lib/format.ts'
import { useScope } from '../lib/scope.ts'

/** A stream that comes back at once is not worth a word. */
const PATIENCE_MS = 1500
const SPOKEN_EVERY_MS = 10_000

export function LiveBanner() {
  const connection = useConnection()
  const { q, live: following } = useScope()
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (connection !== 'lost') return setLate(false)
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [connection])
  return (
    <>
      {late && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-3 border-b bg-panel px-3 py-1.5 text-table"
        >
          <span className="font-medium text-error">■ The live connection is lost.</span>
          <span className="text-muted">What is shown may be old. Trying again by itself.</span>
          <button
            type="button"
            className="font-medium text-accent underline underline-offset-2"
            onClick={() => live.open(q)}
          >
            Try now
          </button>
        </div>
      )}
      {following && <Spoken />}
    </>
  )
}

function Spoken() {
  const tick = useTick()
  const [text, setText] = useState('')
  const last = useRef(0)
  useEffect(() => {
    if (tick === null || Date.now() - last.current < SPOKEN_EVERY_MS) return
    last.current = Date.now()
    setText(`${formatRate(tick.requests)} requests, ${tick.errors} errors, p95 ${formatDuration(tick.p95Us)}`)
  }, [tick])
  return (
    <div className="sr-only" aria-live="polite">
      {text}
    </div>
  )
}
