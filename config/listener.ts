// Config type: a listener, by its address alone or with what stands in front of it.
import { z } from 'zod'
import { blocks } from './cidr.ts'
import { listenAddress } from './listen-address.ts'
import type { ListenerConfig } from './schema.ts'

const details = z.strictObject({
  address: listenAddress().describe('Where it binds.'),
  proxyProtocol: z
    .union([z.boolean(), blocks()], {
      error: 'expected true, false, private or a list of addresses and CIDR blocks',
    })
    .default(false)
    .describe('Who must begin connections with a PROXY header; true: those in trustedProxies.'),
})

/** Config type: a listener. */
export const listener = () =>
  z
    .union([listenAddress(), details], {
      error: 'expected an address such as :80, or an object with address and proxyProtocol',
    })
    .transform((it): ListenerConfig => {
      if ('port' in it) return { ...it, proxyProtocol: null }
      const { proxyProtocol: who } = it
      return { ...it.address, proxyProtocol: typeof who === 'boolean' ? (who ? 'trusted' : null) : who }
    })
