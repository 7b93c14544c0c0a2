// node:http2 for whoever comes to need it: it takes 4 MB, which a worker without HTTP/2 has better uses for.

type NodeHttp2 = typeof import('node:http2')

let loaded: NodeHttp2 | undefined

export function nodeHttp2(): NodeHttp2 {
  loaded ??= process.getBuiltinModule('node:http2')
  return loaded
}
