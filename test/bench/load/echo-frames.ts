// The frames of the echo: of one fixed size, so that both ends count bytes instead of parsing (RFC 6455, 5.2).

const PAYLOAD = Buffer.from('a message like those of a chat or a price feed: {"id":4711,"x":1}'.slice(0, 64))

/** FIN and text. */
const TEXT = 0x81
const MASKED = 0x80

/** From the server: unmasked. */
export const serverFrame = Buffer.concat([Buffer.from([TEXT, PAYLOAD.length]), PAYLOAD])

/** From the client: masked with zeros, so that the payload stays as it is. */
export const clientFrame = Buffer.concat([Buffer.from([TEXT, MASKED | PAYLOAD.length, 0, 0, 0, 0]), PAYLOAD])

/** RFC 6455, 4.2.2. */
export const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
