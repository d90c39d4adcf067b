import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { type Owner, temporaryFolder } from './folder.ts'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** The reason to skip tests with certificates. Never skips with CI=true. */
export const skipWithoutOpenssl =
  spawnSync('openssl', ['version']).status !== 0 && !process.env.CI ? 'not on this machine: openssl' : false

const run = promisify(execFile)

/** Creates self-signed certificates in a temporary folder; by default for localhost, by name and address. */
export async function certificates(
  t: Owner,
): Promise<(name: string, hosts?: string) => Promise<Certificate>> {
  const folder = await temporaryFolder(t)
  return async (name, hosts = 'DNS:localhost,IP:127.0.0.1') => {
    const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts}`]
    await run('openssl', [...request, ...subject, '-days', '2', '-keyout', keyFile, '-out', certFile])
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
    return { certFile, keyFile, cert, key }
  }
}

/** Makes this process trust the certificate until the end of the test. */
export function trust(t: Owner, cert: string): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  t.after(() => setDefaultCACertificates(before))
}
