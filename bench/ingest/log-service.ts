import { readConfig } from '../../src/config/config.ts'
import { compileRulesText } from '../../src/enrich/enrich.ts'
import { createLogger } from '../../src/operate/logger.ts'
import { createService } from '../../src/service.ts'
import { inForce } from '../../test/helpers/rules.ts'
import { openLogInbox } from './log-inbox.ts'
import { rules } from './requests.ts'

// The service over the least that is durable, as a process of its own.
const read = readConfig()
const compiled = compileRulesText(rules, 'rules.yaml')
if (read.kind === 'invalid' || compiled.kind === 'invalid') throw new Error('the bench is not set up well')
const logger = createLogger(read.config.logLevel)
const service = createService({
  config: read.config,
  rules: inForce(compiled.rules),
  logger,
  openInbox: ({ file, now }) => openLogInbox(`${file}.log`, now),
})
const { url } = await service.start()
logger.info({ url }, 'listening')
