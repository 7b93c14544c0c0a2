// Config type: a listener, by its address alone or with what stands in front of it.
import { z } from 'zod'
import { blocks } from './cidr.ts'
import { listenAddress } from './listen-address.ts'
import type { ListenAddress, ListenerConfig } from './schema.ts'

const details = z.strictObject({
  address: listenAddress().describe('Where it binds.'),
  proxyProtocol: z
    .union([z.boolean(), blocks()], {
      error: 'expected true, false, private or a list of addresses and CIDR blocks',
    })
    .default(false)
    .describe('Who must begin connections with a PROXY header; true: those in trustedProxies.'),
})

const plain = details.extend({
  h2c: z
    .boolean('expected true or false')
    .default(false)
    .describe('HTTP/2 without TLS, for clients that know it: those that begin with its preface.'),
})

/** Config type: a listener of connections with TLS. */
export const listener = () =>
  z
    .union([listenAddress(), details], {
      error: 'expected an address such as :80, or an object with address and proxyProtocol',
    })
    .transform(
      (it): ListenerConfig => ('port' in it ? onlyAddress(it) : { ...it.address, ...rest(it), h2c: false }),
    )

/** Config type: a listener of connections without TLS. */
export const plainListener = () =>
  z
    .union([listenAddress(), plain], {
      error: 'expected an address such as :80, or an object with address, proxyProtocol and h2c',
    })
    .transform(
      (it): ListenerConfig => ('port' in it ? onlyAddress(it) : { ...it.address, ...rest(it), h2c: it.h2c }),
    )

function onlyAddress(address: ListenAddress): ListenerConfig {
  return { ...address, proxyProtocol: null, h2c: false }
}

function rest({ proxyProtocol: who }: z.output<typeof details>): Pick<ListenerConfig, 'proxyProtocol'> {
  return { proxyProtocol: typeof who === 'boolean' ? (who ? 'trusted' : null) : who }
}
