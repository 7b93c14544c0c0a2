// Runs a load program to its end; over TLS all of them offer version 1.3 with one cipher and one curve.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Go cannot be told its TLS 1.3 ciphers, and the others prefer different ones: so the client decides. */
export const TLS = { cipher: 'TLS_AES_128_GCM_SHA256', curve: 'X25519' }

let opensslConfig = ''

/** OpenSSL takes its system-wide defaults from this file. */
export function limitTlsClients(folder: string): void {
  opensslConfig = path.join(folder, 'openssl.cnf')
  writeFileSync(
    opensslConfig,
    `openssl_conf = start
[start]
ssl_conf = ssl
[ssl]
system_default = defaults
[defaults]
MinProtocol = TLSv1.3
Ciphersuites = ${TLS.cipher}
Groups = ${TLS.curve}
`,
  )
}

/** @returns all that it printed */
export function runTool(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const child = spawn(program, args, {
      env: { ...process.env, OPENSSL_CONF: opensslConfig },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', part => (output += part))
    child.stderr.on('data', part => (output += part))
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}
