// What a client may send and how long it may take: the configuration's `client`, held by every wire.

/** Limits and times of the client side, from the configuration's `client`. */
export interface ClientLimits {
  headMs: number
  bodyIdleMs: number
  bodyMinBytesPerSecond: number
  keepAliveMs: number
  keepAliveRequests: number
  maxHeadBytes: number
  maxFields: number
  maxUrlBytes: number
  maxStreams: number
}
