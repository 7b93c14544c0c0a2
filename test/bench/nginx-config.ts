// The frame that nginx needs to run from a temporary directory: no daemon, files and logs of its own.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { MAX_CONNECTIONS } from './target.ts'

export interface NginxFrame {
  workers?: number
  accessLog?: boolean
}

/** Writes a configuration with this content of its http block and returns the command that runs it. */
export function nginxCommand(
  folder: string,
  http: string,
  { workers = 1, accessLog = false }: NginxFrame = {},
): string[] {
  mkdirSync(folder, { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(kind => `  ${kind}_temp_path ${folder}/${kind};`)
    .join('\n')
  const text = `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${workers};
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections ${MAX_CONNECTIONS + 500}; }
http {
  access_log ${accessLog ? `${folder}/access.log` : 'off'};
  keepalive_requests 100000000;
${temporary}
${http}
}
`
  const file = path.join(folder, 'nginx.conf')
  writeFileSync(file, text)
  return ['nginx', '-p', folder, '-c', file, '-e', 'stderr']
}
