import { statfs as readStatfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCatalogue, systemCodeOf } from '../errors.ts'
import { type InboxInspection, InboxOpenError } from '../inbox/inbox.ts'
import { findSavedCopies, inspectInbox } from '../inbox/open-inbox.ts'
import { type CheckResult, skipped } from './check-result.ts'
import { describeBytes } from './format-values.ts'
import { nearestFolder, whyNotWritable } from './writable.ts'

/** The numbers of the file system of a path, as `statfs` of Node.js. */
export type Statfs = (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }>

const warnBelowBytes = 1e9
const failBelowBytes = 1e8

/** Store, store-write and free-space. Opens no inbox for writing and takes no lock. */
export async function* checkStore(
  url: string | undefined,
  statfs: Statfs = readStatfs,
): AsyncGenerator<CheckResult> {
  if (url === undefined) {
    yield* skipped(['store', 'store-write', 'free-space'], 'STORE_URL is not valid')
    return
  }
  const copies = describeCopies(await findSavedCopies(url))
  let inspection: InboxInspection
  try {
    inspection = await inspectInbox(url)
  } catch (error) {
    if (!(error instanceof InboxOpenError)) throw error
    yield { check: 'store', result: 'failed', finding: error.message, remedy: 'Check STORE_URL.' }
    yield* copies
    yield* skipped(['store-write', 'free-space'], 'store failed')
    return
  }
  const file = inspection.kind === 'absent' ? inspection.file : (inspection.files[0] ?? '')
  yield describeInspection(inspection, file)
  yield* copies
  const folder = await nearestFolder(dirname(file))
  yield await checkWrite(inspection, folder)
  yield await checkFreeSpace(folder, statfs)
}

/** The remedy names the way to the events in a copy. */
const describeCopies = (copies: readonly string[]): readonly CheckResult[] =>
  copies.map((copy) => ({
    check: 'store',
    result: 'warning',
    finding: `${copy} is a saved copy of the inbox that is not in use`,
    remedy: errorCatalogue.inbox_copy_left.remedy,
  }))

function describeInspection(inspection: InboxInspection, file: string): CheckResult {
  const check = 'store'
  if (inspection.kind === 'absent')
    return { check, result: 'ok', finding: `${file} does not exist yet, the first start creates it` }
  const { schema, supportedSchema, inUse } = inspection
  const user = inUse ? ', in use by a running service' : ''
  if (schema > supportedSchema)
    return {
      check,
      result: 'failed',
      finding: `${file} has schema ${schema}${user}, but this version supports ${supportedSchema}: a newer version wrote it`,
      remedy: 'Run that version, or set another STORE_URL.',
    }
  if (schema < supportedSchema && !inUse)
    return {
      check,
      result: 'ok',
      finding: `${file} has schema ${schema}, the next start migrates it to ${supportedSchema}`,
    }
  return { check, result: 'ok', finding: `${file}, schema ${schema}${user}` }
}

async function checkWrite(inspection: InboxInspection, folder: string): Promise<CheckResult> {
  const check = 'store-write'
  if (inspection.kind === 'present' && inspection.inUse)
    return {
      check,
      result: 'skipped',
      finding: 'a running service uses the store; its /readyz tests the writes',
    }
  const problem = await whyNotWritable(folder, inspection.kind === 'present' ? inspection.files : [])
  if (problem === undefined)
    return { check, result: 'ok', finding: `a test file in ${folder} was written and flushed (fsync)` }
  return {
    check,
    result: 'failed',
    finding: `${problem.path} cannot be ${problem.step} (${problem.code})`,
    remedy:
      'Check the owner and the mode of the file and its folder for the user that runs the service, and whether the disk is full, read-only or failing.',
  }
}

async function checkFreeSpace(folder: string, statfs: Statfs): Promise<CheckResult> {
  const check = 'free-space'
  let free: number
  try {
    const { bavail, bsize } = await statfs(folder)
    free = bavail * bsize // what users other than root may write
  } catch (error) {
    return {
      check,
      result: 'warning',
      finding: `the free space of ${folder} cannot be read (${systemCodeOf(error, 'unknown')})`,
      remedy: 'Check that the user of the service may read the folder.',
    }
  }
  const finding = `${describeBytes(free)} free in ${folder}`
  if (free >= warnBelowBytes) return { check, result: 'ok', finding }
  return {
    check,
    result: free < failBelowBytes ? 'failed' : 'warning',
    finding,
    remedy:
      'Free space or enlarge the disk: on a full disk, the service answers 503. One million events take about 2.1 GB; a shorter RETENTION_MS needs less.',
  }
}
