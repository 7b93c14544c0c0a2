// The http-proxy baseline as a process: `node http-proxy-server.ts PORT BACKEND_PORT`.
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
// @ts-expect-error: the package carries no types, and these two calls are all that is used of it.
import httpProxy from 'http-proxy'

interface BaselineProxy {
  web(req: IncomingMessage, res: ServerResponse): void
  on(event: 'error', listener: (error: Error, req: IncomingMessage, res: ServerResponse) => void): void
}

const [port, backendPort] = process.argv.slice(2).map(Number)
const proxy: BaselineProxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
})
proxy.on('error', (_error, _req, res) => void res.writeHead(502).end())
createServer((req, res) => proxy.web(req, res)).listen(port, '127.0.0.1')
