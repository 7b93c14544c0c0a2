// Shown without a session: the terminal has printed a link; its token can be pasted here too.
import { useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { ApiProblem, logIn } from '../../api/client.ts'
import { queryClient } from '../../api/queries.ts'
import { Mark } from '../../components/Mark.tsx'

/** The token of whatever was pasted: the bare token, or the whole link. */
export function tokenOf(pasted: string): string {
  const text = pasted.trim()
  try {
    return new URL(text).searchParams.get('token') ?? text
  } catch {
    return text
  }
}

/** Only a path of this dashboard: never a way out of it. */
function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/'
}

export default function LoginPage() {
  const search = useSearch()
  const [, navigate] = useLocation()
  const params = new URLSearchParams(search)
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState(
    params.has('expired') ? 'This link was used before or is too old.' : '',
  )
  const [busy, setBusy] = useState(false)

  const submit = async () => {
    setBusy(true)
    setProblem('')
    try {
      await logIn(tokenOf(token))
      queryClient.clear()
      navigate(safeNext(params.get('next')), { replace: true })
    } catch (error) {
      const refused = error instanceof ApiProblem && (error.status === 401 || error.status === 403)
      setProblem(
        refused
          ? 'This token is not known: it was used before, is too old, or is mistyped.'
          : (error as Error).message,
      )
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <div className="w-full max-w-[400px]">
        <div className="mb-6 flex items-center gap-2.5">
          <Mark size={30} />
          <h1 className="text-figure font-semibold tracking-tight">Oriel</h1>
        </div>
        <p className="mb-1.5 font-medium">The terminal printed a link when Oriel started: open it.</p>
        <p className="mb-5 text-muted">
          It signs this browser in and works once. You can also paste the link or its token here. For a fresh
          one, run <code className="rounded border bg-panel px-1 font-mono text-table">oriel link</code> on
          that machine.
        </p>
        <TokenForm {...{ token, setToken, problem, busy }} onSubmit={submit} />
      </div>
    </main>
  )
}

interface FormProps {
  token: string
  setToken: (token: string) => void
  problem: string
  busy: boolean
  onSubmit: () => void
}

function TokenForm({ token, setToken, problem, busy, onSubmit }: FormProps) {
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={event => {
        event.preventDefault()
        if (token.trim() !== '') onSubmit()
      }}
    >
      <label htmlFor="token" className="text-table text-muted">
        Link or token
      </label>
      <div className="flex gap-2">
        <input
          id="token"
          name="token"
          autoComplete="off"
          spellCheck={false}
          className="field h-8 min-w-0 flex-1 bg-panel font-mono text-table"
          value={token}
          aria-invalid={problem !== ''}
          aria-describedby="token-problem"
          onChange={event => setToken(event.target.value)}
        />
        <button type="submit" className="button button-primary h-8" disabled={busy || token.trim() === ''}>
          Sign in
        </button>
      </div>
      <p id="token-problem" role="alert" className="min-h-5 text-table text-error">
        {problem !== '' && `■ ${problem}`}
      </p>
    </form>
  )
}
