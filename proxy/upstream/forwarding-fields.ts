// Who asked, and through whom: X-Forwarded-*, Forwarded (RFC 7239) and Via, written anew for every request.
import { readAuthority } from '../lib/authority.ts'
import { nodeAddress } from '../lib/client-address.ts'
import { type ForwardedElement, forwardedNode, forwardedValue, readForwarded } from '../lib/forwarded.ts'
import type { ForwardedStyle } from '../lib/forwarded-style.ts'
import type { Exchange } from '../pipeline/exchange.ts'

const VERSION: Record<string, string> = { '1.0': '1.0', '1.1': '1.1', '2': '2.0' }

/** @param out flat list of fields to add to */
export function pushForwarding(x: Exchange, style: ForwardedStyle, out: string[]): void {
  // The usual case, without a proxy in front: nothing that came counts.
  const before = x.trusted ? whatWasSaid(x) : NOTHING
  const proto = before.proto === '' ? x.scheme : before.proto
  const host = before.host === '' ? x.authority : before.host
  if (style !== 'forwarded') {
    out.push('x-forwarded-for', before.nodes.length === 0 ? x.peer : `${before.nodes.join(', ')}, ${x.peer}`)
    out.push('x-forwarded-proto', proto)
    out.push('x-forwarded-host', host)
  }
  if (style !== 'x-forwarded') out.push('forwarded', forwardedField(x, before))
  const via = x.headers.list('via')
  const own = `${VERSION[x.protocol] ?? '1.1'} oriel`
  out.push('via', via === undefined ? own : `${via}, ${own}`)
}

interface Said {
  /** Addresses before the peer, the client's first. */
  nodes: string[]
  /** Of the request as the client made it; '' when not said. */
  proto: string
  host: string
}

const NOTHING: Said = { nodes: [], proto: '', host: '' }

/** A trusted peer's word, from whichever of the two fields it wrote; entry.ts has refused contradictions. */
export function whatWasSaid(x: Exchange): Said {
  const list = x.headers.list('x-forwarded-for')
  const field = x.headers.list('forwarded')
  const elements = field === undefined ? [] : (readForwarded(field) ?? [])
  const entries = list === undefined ? elements.map(element => element.for) : list.split(',')
  const nodes = entries.map(entry => nodeAddress(entry.trim()) ?? '')
  const client = nodes.lastIndexOf(x.client)
  const seen = elements.findLast(element => nodeAddress(element.for) === x.client)
  return {
    // What stands before the verified client is the client's own word.
    nodes: client < 0 ? [] : nodes.slice(client),
    proto: protoOf(last(x.headers.list('x-forwarded-proto')), seen),
    host: hostOf(last(x.headers.list('x-forwarded-host')), seen),
  }
}

/** Proxies that append leave the nearest word at the end. */
function last(list: string | undefined): string {
  return list === undefined ? '' : list.slice(list.lastIndexOf(',') + 1).trim()
}

function protoOf(said: string, element: ForwardedElement | undefined): string {
  const proto = (said || (element?.proto ?? '')).toLowerCase()
  return proto === 'http' || proto === 'https' ? proto : ''
}

function hostOf(said: string, element: ForwardedElement | undefined): string {
  const host = said || (element?.host ?? '')
  return host !== '' && readAuthority(host) !== undefined ? host : ''
}

/** One element for each hop; ours, the last, adds whom we saw and what it asked for (section 4). */
function forwardedField(x: Exchange, { nodes, host, proto }: Said): string {
  const own = elementOf(x.peer, x.authority, x.scheme)
  if (nodes.length === 0) return own
  // What the client had asked for stands at its own hop.
  const hops = nodes.map((node, i) => (i === 0 ? elementOf(node, host, proto) : elementOf(node, '', '')))
  return `${hops.join(', ')}, ${own}`
}

function elementOf(address: string, host: string, proto: string): string {
  let text = `for=${forwardedNode(address)}`
  if (host !== '') text += `;host=${forwardedValue(host)}`
  return proto === '' ? text : `${text};proto=${proto}`
}
