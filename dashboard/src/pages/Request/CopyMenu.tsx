// Takes the request elsewhere: as curl, as a link, its trace id, its JSON.
import { Check, ChevronDown, Copy } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { useCopy } from '../../lib/clipboard.ts'
import { toCurl } from '../../lib/curl.ts'

export function requestLink(id: string): string {
  return `${location.origin}/requests/${encodeURIComponent(id)}`
}

export function CopyMenu({ detail }: { detail: ExchangeDetail }) {
  const { copied, copy } = useCopy()
  const items: [name: string, text: () => string][] = [
    ['as curl', () => toCurl(detail)],
    ['link', () => requestLink(detail.id)],
    ['trace id', () => detail.traceId],
    ['JSON', () => JSON.stringify(detail, null, 2)],
  ]
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button" aria-label="Copy">
        {copied === '' ? (
          <Copy size={13} aria-hidden="true" />
        ) : (
          <Check size={13} className="text-ok" aria-hidden="true" />
        )}
        <span role="status">{copied === '' ? 'Copy' : copied}</span>
        <ChevronDown size={13} className="text-faint" aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popover z-40 min-w-40 p-1" sideOffset={6} align="end">
          {items.map(([name, text]) => (
            <DropdownMenu.Item
              key={name}
              className="menu-item"
              onSelect={() => copy(text(), name === 'as curl' ? 'curl' : name)}
            >
              Copy {name}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
