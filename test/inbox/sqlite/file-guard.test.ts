import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Claim, type FileNotice, type Inbox, InboxFileLostError } from '../../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../../src/inbox/sqlite/sqlite.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { fillableDisk, skipWithoutDisks } from '../../helpers/disk.ts'
import { removeFolder, temporaryFolder } from '../../helpers/folder.ts'
import { until } from '../../helpers/wait.ts'

const noticedAt = Date.UTC(2026, 0, 5, 9, 30)
const rescuedName = 'inbox.db.rescued-2026-01-05T09-30-00.000Z'

interface Guarded {
  readonly inbox: Inbox
  readonly file: string
  readonly notices: FileNotice[]
}

/** An inbox in its own folder, whose files are checked every few milliseconds. */
async function guarded(t: TestContext, path?: string): Promise<Guarded> {
  const folder = join(await temporaryFolder(t), 'data')
  await mkdir(folder, { recursive: true })
  return openAt(t, path ?? join(folder, 'inbox.db'))
}

function openAt(t: TestContext, file: string, checkMs: number | undefined = 5): Guarded {
  const notices: FileNotice[] = []
  const inbox = openSqliteInbox({
    file,
    maxPending: 1_000,
    now: () => noticedAt,
    monotonic: () => performance.now(),
    onFileNotice: (notice) => notices.push(notice),
    checkMs,
  })
  t.after(() => inbox.close().catch(() => {}))
  return { inbox, file, notices }
}

const event = (n: number) => newEvent(`e${n}`, { participantId: `p${n}` })

const append = (inbox: Inbox, ...numbers: number[]) => inbox.append(numbers.map(event))

const messages = ({ notices }: Guarded) => notices.map(({ message }) => message)

const noticed = (store: Guarded, message: string) =>
  until(message, () => store.notices.find((notice) => notice.message === message))

const accepting = (store: Guarded) => noticed(store, 'inbox file in place again, accepting events')

async function pendingIn(inbox: Inbox): Promise<(string | undefined)[]> {
  const claims = await inbox.claim({ limit: 100, leaseMs: 60_000 })
  return claims.map(({ events }) => events[0]?.event.identity).sort()
}

const settle = (inbox: Inbox, claim: Claim) =>
  inbox.settle(claim, {
    outcomes: claim.events.map(({ sequence }) => ({ sequence, state: 'applied' as const })),
  })

async function claimOne(inbox: Inbox): Promise<Claim> {
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 60_000 })
  assert.ok(claim !== undefined)
  return claim
}

/** Opens the file as the next process would, and returns the pending events. */
async function pendingAfterStop(t: TestContext, { inbox, file }: Guarded): Promise<(string | undefined)[]> {
  await inbox.close()
  return pendingIn(openAt(t, file).inbox)
}

for (const [how, remove] of [
  ['removed with -wal and -shm', ['', '-wal', '-shm']],
  ['removed without -wal', ['']],
  ['removed with all its files', ['', '-wal', '-shm', '.lock', '.lock-journal']],
] as const) {
  test(`an inbox file ${how} is written to the path again, with commits before the notice`, async (t) => {
    const store = await guarded(t)
    const { inbox, file } = store
    await append(inbox, 1)
    for (const suffix of remove) await rm(`${file}${suffix}`, { force: true })
    await append(inbox, 2).catch(() => {})
    await accepting(store)
    await append(inbox, 3)
    await inbox.checkWritable()
    assert.deepEqual(messages(store), [
      'inbox file lost, answering 503',
      'inbox file in place again, accepting events',
    ])
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.throws(() => openAt(t, file), /in use by another process/)
    const left = (await readdir(dirname(file))).filter((name) => name.includes('rescued'))
    assert.deepEqual(left, [])
    const pending = await pendingAfterStop(t, store)
    assert.ok(pending.includes('e1') && pending.includes('e3'), String(pending))
  })
}

test('regression: files that are removed while the guard looks at them are not lost', async (t) => {
  // The look saw the inbox file in place and its -wal missing, and opening the inbox again created an empty file.
  for (let round = 0; round < 5; round += 1) {
    const store = await guarded(t)
    await append(store.inbox, 1)
    await Promise.all(
      ['', '-wal', '.lock', '-shm'].map((suffix) => rm(`${store.file}${suffix}`, { force: true })),
    )
    await accepting(store)
    assert.deepEqual(await pendingAfterStop(t, store), ['e1'], `round ${round}`)
  }
})

test('a moved inbox file leaves the moved one alone and gets a new file at the path', async (t) => {
  const store = await guarded(t)
  await append(store.inbox, 1)
  const moved = `${store.file}.old`
  await rename(store.file, moved)
  await accepting(store)
  const before = statSync(moved)
  await append(store.inbox, 2)
  assert.deepEqual(await pendingAfterStop(t, store), ['e1', 'e2'])
  assert.equal(statSync(moved).mtimeMs, before.mtimeMs)
})

test('while the files are lost, the inbox refuses events, names path and remedy, and delivery goes on', async (t) => {
  const store = await guarded(t)
  const { inbox, file } = store
  await append(inbox, 1, 2, 3)
  const claim = await claimOne(inbox)
  await removeFolder(dirname(file))
  await noticed(store, 'inbox file lost, answering 503')
  const lost = (error: unknown) => {
    assert.ok(error instanceof InboxFileLostError)
    assert.equal(error.why.cause, `the folder of ${file} was removed while the service runs`)
    assert.match(error.why.remedy, /^Create the folder again/)
    return true
  }
  await assert.rejects(append(inbox, 4), lost)
  await assert.rejects(inbox.checkWritable(), lost)
  assert.equal((await inbox.stats()).pending, 3)
  assert.equal(await settle(inbox, claim), 'settled')
  const leased = await claimOne(inbox)

  await mkdir(dirname(file))
  await accepting(store)
  assert.deepEqual(await pendingIn(inbox), ['e3'], 'the lease of the second claim outlives the new file')
  assert.equal(await settle(inbox, leased), 'settled')
  assert.deepEqual(await pendingAfterStop(t, store), ['e3'])
})

test('another file at the path is not changed: the events are saved beside it, and at the path when it is free', async (t) => {
  const store = await guarded(t)
  const { inbox, file } = store
  await append(inbox, 1, 2)
  await writeFile(`${file}.new`, 'another file')
  await rename(`${file}.new`, file)
  const { saved } = await noticed(store, 'inbox saved beside its path')
  assert.equal(saved, join(dirname(file), rescuedName))
  await assert.rejects(append(inbox, 3), /replaced by another file.*Move .* away/)
  assert.equal(await readFile(file, 'utf8'), 'another file')
  assert.ok(!existsSync(`${file}-wal`), 'SQLite would apply it to the other file')
  await settle(inbox, await claimOne(inbox))

  await rm(file)
  await accepting(store)
  assert.ok(!existsSync(saved ?? ''))
  assert.deepEqual(await pendingAfterStop(t, store), ['e2'])
})

test('a stop with another file at the path saves the last outcomes beside it', async (t) => {
  const store = await guarded(t)
  const { inbox, file } = store
  await append(inbox, 1, 2)
  await writeFile(`${file}.new`, 'another file')
  await rename(`${file}.new`, file)
  const { saved } = await noticed(store, 'inbox saved beside its path')
  await settle(inbox, await claimOne(inbox))
  await inbox.close()
  assert.equal(await readFile(file, 'utf8'), 'another file')
  assert.deepEqual(await pendingIn(openAt(t, saved ?? '').inbox), ['e2'])
})

test('a stop creates a removed folder again and saves the events there', async (t) => {
  const store = await guarded(t)
  await append(store.inbox, 1, 2)
  await removeFolder(dirname(store.file))
  await noticed(store, 'inbox file lost, answering 503')
  await settle(store.inbox, await claimOne(store.inbox))
  assert.deepEqual(await pendingAfterStop(t, store), ['e2'])
})

test('a stop right after the removal, before any check, saves the events', async (t) => {
  const store = await guarded(t)
  await append(store.inbox, 1)
  for (const suffix of ['', '-wal', '-shm', '.lock']) await rm(`${store.file}${suffix}`)
  assert.deepEqual(await pendingAfterStop(t, store), ['e1'])
})

test('a stop that cannot save the events fails, and says so', async (t) => {
  const store = await guarded(t)
  const folder = dirname(store.file)
  await append(store.inbox, 1)
  await removeFolder(folder)
  await writeFile(folder, 'a file where the folder was')
  await noticed(store, 'inbox file lost, answering 503')
  await assert.rejects(store.inbox.close(), InboxFileLostError)
  const notice = await noticed(store, 'inbox not saved, its events are lost')
  assert.match(notice.cause ?? '', /could not be saved \((EEXIST|ENOTDIR)\)/)
})

test('a folder that cannot be written is retried', async (t) => {
  const store = await guarded(t)
  const { file } = store
  await append(store.inbox, 1)
  // A folder with the name of the partial copy makes every copy fail, for root too.
  const part = join(dirname(file), `${rescuedName}.part`)
  await mkdir(part)
  await rm(file)
  const { cause, remedy } = await noticed(store, 'inbox not restored, retrying')
  assert.match(cause ?? '', /could not be saved/)
  assert.match(remedy ?? '', /Make the folder writable/)
  await assert.rejects(append(store.inbox, 2), /could not be saved/)
  await rm(part, { recursive: true })
  await accepting(store)
  assert.deepEqual(await pendingAfterStop(t, store), ['e1'])
})

test('an unmounted volume: nothing is written to the mount point until the stop', {
  skip: skipWithoutDisks,
}, async (t) => {
  const { kind, folder } = await fillableDisk(t)
  if (kind !== 'a small tmpfs') return t.skip('this machine does not allow mounts')
  const store = openAt(t, join(folder, 'inbox.db'))
  await append(store.inbox, 1)
  assert.equal(spawnSync('umount', ['--lazy', folder]).status, 0)
  const { cause } = await noticed(store, 'inbox file lost, answering 503')
  assert.equal(cause, `the volume of ${store.file} was unmounted while the service runs`)
  await assert.rejects(append(store.inbox, 2), /Mount the volume again/)
  assert.deepEqual(await readdir(folder), [])
  assert.deepEqual(await pendingAfterStop(t, store), ['e1'])
})

for (const suffix of ['-wal', '.lock']) {
  test(`a removed ${suffix} file alone is replaced without loss`, async (t) => {
    const store = await guarded(t)
    await append(store.inbox, 1)
    await rm(`${store.file}${suffix}`)
    await accepting(store)
    await append(store.inbox, 2)
    assert.ok(existsSync(`${store.file}${suffix}`))
    assert.throws(() => openAt(t, store.file), /in use by another process/)
    assert.deepEqual(await pendingAfterStop(t, store), ['e1', 'e2'])
  })
}

test('the inbox file is used again when it comes back', async (t) => {
  const store = await guarded(t)
  await append(store.inbox, 1)
  const folder = dirname(store.file)
  await rename(folder, `${folder}.away`)
  await noticed(store, 'inbox file lost, answering 503')
  await rename(`${folder}.away`, folder)
  await accepting(store)
  await append(store.inbox, 2)
  assert.deepEqual(await pendingAfterStop(t, store), ['e1', 'e2'])
})

test('the first check comes after one second', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const file = join(await temporaryFolder(t), 'inbox.db')
  const store = openAt(t, file, 1_000)
  await append(store.inbox, 1)
  await rm(file)
  t.mock.timers.tick(999)
  await append(store.inbox, 2)
  t.mock.timers.tick(1)
  while (store.notices.length < 2) await new Promise(setImmediate)
  assert.deepEqual(await pendingIn(store.inbox), ['e1', 'e2'])
})

test('an inbox behind a symbolic link is not lost', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'real'))
  await symlink(join(folder, 'real'), join(folder, 'linked'))
  const store = await guarded(t, join(folder, 'linked', 'inbox.db'))
  const end = performance.now() + 200 // some dozens of checks
  for (let n = 0; performance.now() < end; n += 1) await append(store.inbox, n)
  assert.deepEqual(store.notices, [])
})
