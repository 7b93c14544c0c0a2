// Time left until a moment, second by second.
import { useEffect, useState } from 'react'
import { now } from '../api/clock.ts'
import { formatSpan } from '../lib/format.ts'

export function Countdown({ until }: { until: number }) {
  const [left, setLeft] = useState(() => until - now())
  useEffect(() => {
    setLeft(until - now())
    const timer = setInterval(() => setLeft(until - now()), 1000)
    return () => clearInterval(timer)
  }, [until])
  return <span>{left <= 0 ? 'a moment' : formatSpan(left)}</span>
}
