// The dashboard's files, and its page for every address of its own.
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

/** Names that a build writes: none begins with a dot, so no path leads up or to a hidden file. */
const FILE = /^(?:\/[\w-][\w.-]*){1,4}$/
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/
/** Not the dashboard's own addresses: never answered with its page. */
const NO_PAGE = /^\/(?:api|assets|metrics|healthz|readyz)(?:\/|$)/

export class Static {
  readonly #root: string

  /** @param root the built dashboard */
  constructor(root = builtDashboard()) {
    this.#root = root
  }

  /** @returns undefined when it is neither a file nor an address that a browser may open */
  async find(request: Request, path: string): Promise<Response | undefined> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    const type = TYPES[extname(path)]
    if (type !== undefined && FILE.test(path)) {
      const response = await this.#file(path, type, request)
      if (response !== undefined) return response
    }
    const wantsPage = request.headers.get('accept')?.includes('text/html') === true
    return wantsPage && !NO_PAGE.test(path) ? this.page(request) : undefined
  }

  /** The one page; what it shows is decided in the browser. */
  async page(request: Request): Promise<Response> {
    const page = await this.#file('/index.html', TYPES['.html']!, request)
    if (page !== undefined) return page
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '60' }
    return new Response('The dashboard is not built. Run: npm run build\n', { status: 503, headers })
  }

  /** Read each time: the files are small, the system caches them, and a new build is seen at once. */
  async #file(path: string, type: string, request: Request): Promise<Response | undefined> {
    const file = join(this.#root, path)
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() !== true) return undefined
    const etag = `"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`
    const headers = {
      'content-type': type,
      'cache-control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag,
    }
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(await readFile(file), { headers })
  }
}

/** Beside the sources in a checkout and in the image, one directory further up in the published package. */
function builtDashboard(): string {
  const places = ['../../dashboard/dist', '../../../dashboard/dist'].map(path =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return places.find(place => existsSync(place)) ?? places[0]!
}
