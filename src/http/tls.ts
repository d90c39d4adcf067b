import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext, type Server } from 'node:tls'
import { ConfigurationError } from '../errors.ts'
import type { Logger } from '../log/logger.ts'

export interface TlsFiles {
  /** PEM: the certificate, then those between it and its authority. */
  readonly certFile: string
  readonly keyFile: string
  /** PEM: authorities of which a client must show a certificate. Absent: none is asked for. */
  readonly clientCaFile: string | undefined
}

export interface TlsMaterial {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

export interface TlsDeps {
  readonly files: TlsFiles
  readonly logger: Logger
  readonly pollMs?: number
}

/** What a server needs to speak TLS, kept up to date with its files. */
export interface Tls {
  readonly material: TlsMaterial
  readonly clientCertificates: boolean
  /** Gives the server what changed files hold. Connections that are open stay as they are. */
  start(server: Server): void
  /** Idempotent. */
  stop(): void
}

/** Reads the files at once. Throws `ConfigurationError` if a server could not start with them. */
export function openTls({ files, logger, pollMs = 2_000 }: TlsDeps): Tls {
  let inForce = read(files)
  const paths = [files.certFile, files.keyFile, files.clientCaFile].filter((path) => path !== undefined)
  let stop = () => {}

  function reload(server: Server): void {
    try {
      const material = read(files)
      if (JSON.stringify(material) === JSON.stringify(inForce)) return
      server.setSecureContext(material)
      inForce = material
      logger.info('certificates replaced')
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems : [String(error)]
      logger.error({ code: 'tls_invalid', problems }, 'certificates not replaced: the last valid ones stay')
    }
  }

  return {
    material: inForce,
    clientCertificates: files.clientCaFile !== undefined,
    start: (server) => {
      const changed = () => reload(server)
      // Polled by what the path leads to: Kubernetes swaps a link to the folder of a Secret.
      for (const path of paths) watchFile(path, { interval: pollMs }, changed)
      stop = () => {
        for (const path of paths) unwatchFile(path, changed)
      }
    },
    stop: () => stop(),
  }
}

function read({ certFile, keyFile, clientCaFile }: TlsFiles): TlsMaterial {
  const problems: string[] = []
  const text = (name: string, file: string): string => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      problems.push(`${name}: cannot read ${file} (${codeOf(error)}): check the path and its permissions`)
      return ''
    }
  }
  const material: TlsMaterial = {
    cert: text('TLS_CERT_FILE', certFile),
    key: text('TLS_KEY_FILE', keyFile),
    ...(clientCaFile !== undefined && { ca: text('TLS_CLIENT_CA_FILE', clientCaFile) }),
  }
  // OpenSSL takes an authority without certificates for none at all, which then fits nobody; better said at start.
  if (
    material.ca !== undefined &&
    problems.length === 0 &&
    !material.ca.includes('-----BEGIN CERTIFICATE-----')
  )
    problems.push(`TLS_CLIENT_CA_FILE: ${clientCaFile} holds no certificate in PEM`)
  try {
    if (problems.length === 0) createSecureContext(material)
  } catch (error) {
    problems.push(
      `TLS_CERT_FILE, TLS_KEY_FILE: no certificate with its key in PEM, without a passphrase (${codeOf(error)})`,
    )
  }
  if (problems.length > 0) throw new ConfigurationError('Cannot start: the TLS files are not valid', problems)
  return material
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
