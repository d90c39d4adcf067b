import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext, type Server } from 'node:tls'
import { ConfigurationError, systemCodeOf } from '../errors.ts'
import type { Logger } from '../log/logger.ts'

export interface TlsFiles {
  /** PEM: the certificate, then the intermediate certificates. */
  readonly certFile: string
  readonly keyFile: string
  /** PEM: the CAs for client certificates. Absent: no client certificate is required. */
  readonly clientCaFile: string | undefined
}

export interface TlsDeps {
  readonly files: TlsFiles
  readonly logger: Logger
  readonly pollMs?: number
}

export type Tls = ReturnType<typeof openTls>

/**
 * The TLS settings of a server. Reads the files synchronously, throws `ConfigurationError` if they are not valid, and reloads
 * them when they change.
 */
export function openTls({ files, logger, pollMs = 2_000 }: TlsDeps) {
  let current = readTlsFiles(files)
  const paths = [files.certFile, files.keyFile, files.clientCaFile].filter((path) => path !== undefined)
  let stop = () => {}

  function reload(server: Server): void {
    try {
      const material = readTlsFiles(files)
      if (JSON.stringify(material) === JSON.stringify(current)) return
      server.setSecureContext(material)
      current = material
      logger.info('certificates replaced')
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems : [String(error)]
      logger.error({ code: 'tls_invalid', problems }, 'certificates invalid, keeping the last valid ones')
    }
  }

  return {
    material: current,
    /** Starts to watch the files. The server uses changed ones for new connections. */
    start: (server: Server): void => {
      const changed = () => reload(server)
      // Polling follows symbolic links: Kubernetes replaces the link to the folder of a Secret.
      for (const path of paths) watchFile(path, { interval: pollMs }, changed)
      stop = () => {
        for (const path of paths) unwatchFile(path, changed)
      }
    },
    /** Idempotent. */
    stop: (): void => stop(),
  }
}

/** Throws `ConfigurationError` if a file cannot be read or is not valid. */
export function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsFiles) {
  const problems: string[] = []
  const text = (name: string, file: string): string => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      problems.push(
        `${name}: cannot read ${file} (${systemCodeOf(error, 'unreadable')}): check the path and its permissions`,
      )
      return ''
    }
  }
  const material = {
    cert: text('TLS_CERT_FILE', certFile),
    key: text('TLS_KEY_FILE', keyFile),
    ...(clientCaFile !== undefined && { ca: text('TLS_CLIENT_CA_FILE', clientCaFile) }),
  }
  // OpenSSL accepts a CA file without certificates, and then refuses every client. Report it at start instead.
  if (
    material.ca !== undefined &&
    problems.length === 0 &&
    !material.ca.includes('-----BEGIN CERTIFICATE-----')
  )
    problems.push(`TLS_CLIENT_CA_FILE: ${clientCaFile} contains no PEM certificate`)
  try {
    if (problems.length === 0) createSecureContext(material)
  } catch (error) {
    problems.push(
      `TLS_CERT_FILE, TLS_KEY_FILE: must be a PEM certificate and its key without a passphrase (${systemCodeOf(error, 'unreadable')})`,
    )
  }
  if (problems.length > 0) throw new ConfigurationError('Cannot start: the TLS files are not valid', problems)
  return material
}
