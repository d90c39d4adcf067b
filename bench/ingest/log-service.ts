import { readConfig } from '../../src/config/config.ts'
import { createLogger } from '../../src/log/logger.ts'
import { compileRulesText } from '../../src/rules/load-rules.ts'
import { createService } from '../../src/service.ts'
import { inForce } from '../../test/helpers/rules.ts'
import { openLogInbox } from './log-inbox.ts'
import { rules } from './requests.ts'

// The service with the write-only log as inbox, in its own process.
const read = readConfig()
const compiled = compileRulesText(rules, 'rules.yaml')
if (read.kind === 'invalid' || compiled.kind === 'invalid')
  throw new Error('the benchmark configuration is not valid')
const logger = createLogger(read.config.logLevel)
const service = await createService({
  config: read.config,
  rules: inForce(compiled.rules),
  logger,
  openInbox: async ({ url, now }) => openLogInbox(`${url.replace(/^sqlite:/, '')}.log`, now),
})
const { url } = await service.start()
logger.info({ url }, 'listening')
