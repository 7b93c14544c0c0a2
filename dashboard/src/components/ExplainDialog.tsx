// Asks what would happen to a request, stage by stage; nothing is sent.
import { useState } from 'react'
import type { Explanation } from '../../../control/admin/contract.ts'
import { useExplain, useStatus } from '../api/queries.ts'
import { Modal } from './Modal.tsx'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export default function ExplainDialog({ onClose }: { onClose: () => void }) {
  const status = useStatus()
  const route = status.data?.routes[0]?.replace(/\*$/, '') ?? 'localhost/'
  const [method, setMethod] = useState('GET')
  const [url, setUrl] = useState(`http://${route.startsWith('/') ? 'localhost' : ''}${route}`)
  const explain = useExplain()
  return (
    <Modal title="Explain a request" onClose={onClose}>
      <form
        className="flex flex-wrap gap-2"
        onSubmit={event => {
          event.preventDefault()
          explain.mutate({ method, url })
        }}
      >
        <select
          aria-label="Method"
          className="field"
          value={method}
          onChange={event => setMethod(event.target.value)}
        >
          {METHODS.map(each => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <input
          aria-label="Address"
          className="field min-w-0 flex-1 font-mono text-table"
          value={url}
          onChange={event => setUrl(event.target.value)}
        />
        <button type="submit" className="button button-primary" disabled={explain.isPending}>
          Explain
        </button>
      </form>
      {explain.isIdle && (
        <p className="mt-3 text-muted">
          Runs the same stages as a real request and prints each verdict. Nothing is sent.
        </p>
      )}
      {explain.isError && (
        <p role="alert" className="mt-3 text-error">
          ■ {explain.error.message}
        </p>
      )}
      {explain.data !== undefined && <Steps explanation={explain.data} />}
    </Modal>
  )
}

function Steps({ explanation }: { explanation: Explanation }) {
  return (
    <div role="status" className="mt-4">
      <ol className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {explanation.decisions.map(decision => (
          <li key={`${decision.stage} ${decision.atUs} ${decision.reason}`} className="contents">
            <span className="font-mono text-table text-muted">{decision.stage}</span>
            <span>{decision.sentence}</span>
          </li>
        ))}
      </ol>
      <p className="mt-3 border-t pt-3 font-medium">{explanation.outcome}</p>
    </div>
  )
}
