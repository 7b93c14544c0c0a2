// A request's body as JSON, within a bound.
import { Problem } from './problem.ts'

const MAX_BYTES = 64 * 1024

/** An empty body is undefined. @throws Problem 413, 400 */
export async function readJson(request: Request): Promise<unknown> {
  const tooLarge = new Problem(413, `a body may have ${MAX_BYTES} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BYTES) throw tooLarge
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw tooLarge
    chunks.push(chunk)
  }
  if (bytes === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new Problem(400, 'body: not JSON')
  }
}
