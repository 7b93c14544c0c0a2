// The purge: by what, hard or soft, how many that would be, and then what it did.
import { useDeferredValue, useState } from 'react'
import type { PurgeOutcome, PurgeRequest } from '../../../../control/admin/contract-cache.ts'
import { usePurge, usePurgeCount } from '../../api/cache.ts'
import { Modal } from '../../components/Modal.tsx'
import { formatExact } from '../../lib/format.ts'

type Kind = 'url' | 'prefix' | 'host' | 'tag' | 'all'

export interface PurgeStart {
  by: Kind
  text: string
}

const KINDS: Record<Kind, { word: string; example: string }> = {
  url: { word: 'URL', example: 'https://app.example.com/news' },
  prefix: { word: 'URLs that begin with', example: 'https://app.example.com/news/' },
  host: { word: 'Host', example: 'app.example.com' },
  tag: { word: 'Tag', example: 'product-42' },
  all: { word: 'Everything', example: '' },
}

function requestOf(by: Kind, text: string, soft: boolean): PurgeRequest {
  if (by === 'all') return { all: true, soft }
  const list = [text]
  if (by === 'url') return { urls: list, soft }
  if (by === 'prefix') return { prefixes: list, soft }
  return by === 'host' ? { hosts: list, soft } : { tags: list, soft }
}

export function PurgeDialog({ start, onClose }: { start: PurgeStart; onClose: () => void }) {
  const [by, setBy] = useState<Kind>(start.by)
  const [text, setText] = useState(start.text)
  const [soft, setSoft] = useState(false)
  const settled = useDeferredValue(text)
  const ready = by === 'all' || settled !== ''
  const count = usePurgeCount(requestOf(by, settled, soft), ready)
  const purge = usePurge()
  return (
    <Modal title="Purge stored responses" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={event => {
          event.preventDefault()
          purge.mutate(requestOf(by, text, soft))
        }}
      >
        <div className="flex flex-wrap gap-2">
          <select
            aria-label="Purge by"
            className="field"
            value={by}
            onChange={event => setBy(event.target.value as Kind)}
          >
            {Object.entries(KINDS).map(([value, { word }]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
          {by !== 'all' && (
            <input
              aria-label={KINDS[by].word}
              className="field min-w-0 flex-1 font-mono text-table"
              placeholder={KINDS[by].example}
              value={text}
              onChange={event => setText(event.target.value.trim())}
            />
          )}
        </div>
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            className="mt-0.5 accent-(--accent)"
            checked={soft}
            onChange={event => setSoft(event.target.checked)}
          />
          <span>
            Soft: make stale instead of removing
            <span className="block text-muted">
              It may still be served while the upstream is asked again, or fails.
            </span>
          </span>
        </label>
        <div className="flex min-h-7 flex-wrap items-center gap-3 border-t pt-3">
          <p className="min-w-0 flex-1" role="status">
            {!ready && <span className="text-muted">Nothing is changed before you press Purge.</span>}
            {ready && count.data !== undefined && <Count outcome={count.data} />}
            {ready && count.error !== null && <span className="text-error">■ {count.error.message}</span>}
          </p>
          <button
            type="submit"
            className="button button-primary"
            disabled={!ready || purge.isPending || count.error !== null}
          >
            Purge
          </button>
        </div>
      </form>
      {purge.isError && (
        <p role="alert" className="mt-3 text-error">
          ■ {purge.error.message}
        </p>
      )}
      {purge.data !== undefined && <Done outcome={purge.data} />}
    </Modal>
  )
}

function Count({ outcome: { entries, disk, memory } }: { outcome: PurgeOutcome }) {
  return (
    <>
      <span className="font-semibold">{formatExact(entries)}</span> {entries === 1 ? 'response' : 'responses'}{' '}
      would go{' '}
      <span className="text-muted">
        ({formatExact(disk)} on disk, {formatExact(memory)} in memory)
      </span>
    </>
  )
}

function Done({ outcome: { entries, workers, silent, tookMs } }: { outcome: PurgeOutcome }) {
  return (
    <p role="status" className="mt-3 border-t pt-3">
      <span className="text-ok">●</span> {formatExact(entries)} {entries === 1 ? 'response' : 'responses'}{' '}
      purged in {workers} {workers === 1 ? 'worker' : 'workers'} and on disk, in {tookMs} ms.
      {silent > 0 && <span className="text-error"> ■ {silent} did not answer.</span>}
    </p>
  )
}
