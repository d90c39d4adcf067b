import { newEvent } from '../../helpers/conversation-events.ts'
import { open } from './harness.ts'

/** A process that owns the inbox, with one event, until it is killed. */
const inbox = open(process.argv[2] ?? '')
await inbox.append([newEvent('e1')])
setInterval(() => inbox.checkWritable(), 60_000)
process.once('disconnect', () => process.exit()) // the test ended
process.send?.('open')
