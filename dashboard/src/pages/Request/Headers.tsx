// The header fields of both heads; or why there are none.
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'

export function Headers({ detail }: { detail: ExchangeDetail }) {
  return (
    <div className="grid gap-5 @3xl:grid-cols-2">
      <Fields title="Request" headers={detail.requestHeaders} />
      <Fields title="Reply" headers={detail.replyHeaders} />
    </div>
  )
}

function Fields({ title, headers }: { title: string; headers: string[] | null }) {
  return (
    <section className="min-w-0" aria-label={`${title} headers`}>
      <h2 className="mb-1.5 text-table font-semibold">{title}</h2>
      {headers === null && (
        <p className="text-muted">
          Not recorded: so many requests came at once that header capture was over its budget. Everything else
          about this request is here.
        </p>
      )}
      {headers?.length === 0 && <p className="text-muted">There was none.</p>}
      <dl className="font-mono text-table">
        {pairs(headers ?? []).map(({ key, name, value }) => (
          <div key={key} className="flex gap-3 border-b py-1 last:border-0">
            <dt className="w-40 shrink-0 break-words text-muted">{name}</dt>
            <dd className="min-w-0 break-all">
              {value === '[redacted]' ? <span className="text-faint">redacted</span> : value}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** The flat list as pairs; a name may come more than once. */
function pairs(headers: string[]): { key: string; name: string; value: string }[] {
  const list: { key: string; name: string; value: string }[] = []
  for (let i = 0; i + 1 < headers.length; i += 2)
    list.push({ key: `${i} ${headers[i]}`, name: headers[i]!, value: headers[i + 1]! })
  return list
}
