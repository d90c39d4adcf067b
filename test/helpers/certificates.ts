import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Owner, temporaryFolder } from './folder.ts'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** Why tests with certificates cannot run here; with CI=true they run, and fail. */
export const noOpenssl =
  spawnSync('openssl', ['version']).status !== 0 && !process.env.CI ? 'not on this machine: openssl' : false

const run = promisify(execFile)

/** Makes certificates for localhost that sign themselves, each an authority of its own, in a folder of the test. */
export async function certificates(t: Owner): Promise<(name: string) => Promise<Certificate>> {
  const folder = await temporaryFolder(t)
  return async (name) => {
    const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    await run('openssl', [...request, ...subject, '-days', '2', '-keyout', keyFile, '-out', certFile])
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
    return { certFile, keyFile, cert, key }
  }
}
