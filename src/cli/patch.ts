import { Command, Option } from 'commander'
import { type ClientConfig, loadEnvFile, readClientConfig } from '../config/config.ts'
import { createDirectCalls } from '../deliver/direct-calls.ts'
import { ConfigurationError } from '../errors.ts'
import { openProxy } from '../http/open-proxy.ts'
import { formatDocument } from './format.ts'
import { withHelpText } from './help-text.ts'
import { escapeControls, print, printNote } from './output.ts'
import { formatParticipant } from './patch/find-participants.ts'
import { type PatchOptions, type PatchRequest, readRequest } from './patch/request.ts'
import { setAttributes } from './patch/set-attributes.ts'

const whereToLook =
  'To see the values, read participants[].attributes of the conversation in the API Explorer, or use Get Participant Data in Architect.\n'

/** `genesys-enricher patch`: sets attributes by hand, straight through the API. It needs no service, rules or inbox. */
export const patchCommand = (): Command =>
  withHelpText(withOptions(new Command('patch')), {
    examples: [
      'patch --conversation ID --purpose customer --set vip_status=true --dry-run',
      "patch --conversation ID --participant ID --set 'language=Swiss German'",
    ],
    page: 'patch.md',
  })

const withOptions = (command: Command): Command =>
  command
    .description(
      'set attributes on a participant by hand, straight through the Genesys Cloud API; exactly one of --participant, --external-id and --purpose is required',
    )
    .option('--conversation <id>', 'the conversation (required)')
    .option('--participant <id>', 'select the participant with this id')
    .option('--external-id <id>', 'or with this externalId, else with this attribute target_identifier')
    .option('--purpose <purpose>', 'or with this purpose, such as customer')
    .option('--all', 'set the attributes on every participant that matches')
    .option('--set <name=value...>', 'set this attribute; repeat the option for more')
    .option('--dry-run', 'read the conversation and print what would be set, but set nothing')
    .addOption(
      new Option('--timeout <seconds>', 'end after this time, including waits for the rate limit').default(
        '60',
        '60',
      ),
    )
    .option('--json', 'print one JSON document')
    .action(patch)

async function patch(options: PatchOptions): Promise<void> {
  const { request, config } = readSettings(options)
  const { conversationId, attributes, dryRun, timeoutMs } = request
  const json = options.json === true
  const note = (line: string) => void (json || printNote(`${escapeControls(line)}\n`))
  for (const warning of config.warnings) note(`Warning: ${warning}`)
  const calls = createDirectCalls({
    client: { ...config.genesys, proxy: await openProxy(config.proxy) },
    limits: { ...config.rate, rateShare: 1 }, // RATE_SHARE is for the service
    timeoutMs,
    onWait: (waitMs) => note(`Rate limit reached, waiting ${Math.max(1, Math.round(waitMs / 1_000))} s.`),
    now: Date.now,
    monotonic: () => Math.round(performance.timeOrigin + performance.now()),
    random: Math.random,
  })
  try {
    const names = Object.keys(attributes).join(', ')
    const result = await setAttributes({
      request,
      calls,
      apiUrl: config.genesys.apiUrl,
      onSet: (participant) => {
        const where = `${names} on participant ${formatParticipant(participant)} of conversation ${conversationId}.`
        if (!json) print(`${dryRun ? 'Dry run: would set' : 'Set'} ${escapeControls(where)}\n`)
      },
    })
    if (json) print(formatDocument(result))
    else if (!dryRun) print(whereToLook)
  } finally {
    calls.close()
  }
}

/** Throws `ConfigurationError` with all problems of options and environment. */
function readSettings(options: PatchOptions): { request: PatchRequest; config: ClientConfig } {
  loadEnvFile()
  const read = readRequest(options)
  const settings = readClientConfig()
  if (read.kind === 'ok' && settings.kind === 'ok') return { request: read.request, config: settings.config }
  throw new ConfigurationError('Nothing is set: options or configuration are not valid', [
    ...(read.kind === 'invalid' ? read.problems : []),
    ...(settings.kind === 'invalid' ? settings.problems : []),
  ])
}
