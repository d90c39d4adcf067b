/** What an editor shows of a field. */
export interface FieldWords {
  readonly description: string
  readonly examples?: readonly unknown[]
}

/** What an editor shows of a map. */
export const partWords = {
  file: {
    title: 'Rules of genesys-enricher',
    description: 'Which attributes go on which participants of conversations.',
  },
  testsFile: {
    title: 'Tests of a rules file of genesys-enricher',
    description: 'Stands beside the rules file: the tests of vip.yaml in vip.test.yaml.',
  },
  mapping: {
    title: 'A mapping',
    description:
      'Says where an item has the fields of an event. The first mapping that fits is used, before the known envelopes.',
  },
  ignoringMapping: {
    title: 'A mapping that ignores items',
    description: 'Items that fit are valid and ignored.',
  },
  rule: {
    title: 'A rule',
    description:
      'All rules that match an event apply, in the order of the file; where two set one attribute, the later one wins.',
  },
  fileLookup: { title: 'A table in a file', description: 'Rows by key: CSV, JSON or YAML.' },
  httpLookup: {
    title: 'A table behind HTTP',
    description: 'GET is asked for each key, once as long as the answer is remembered.',
  },
  test: { title: 'A test', description: 'An event, and all that is to be set for it.' },
} as const

/** By part and field. */
export const fieldWords: Readonly<
  Record<Exclude<keyof typeof partWords, 'ignoringMapping'>, Readonly<Record<string, FieldWords>>>
> = {
  file: {
    version: { description: 'Of the format of this file: 1.' },
    mappings: { description: 'How items of other forms are read, such as those of a relay of your own.' },
    lookups: { description: 'Tables by name, read in rules as lookup("name", key).column.' },
    rules: { description: 'What is set, and when.' },
    tests: {
      description:
        'Run by `genesys-enricher rules test`. More of them may stand in a .test.yaml file beside this one.',
    },
  },
  testsFile: {
    version: { description: 'Of the format of this file: 1.' },
    tests: { description: 'Run by `genesys-enricher rules test`.' },
  },
  mapping: {
    name: { description: 'Used once. Stands in what is told of items that cannot be read.' },
    when: {
      description: 'A condition in CEL on body, the item as it came, that recognises it.',
      examples: ['has(body.callId)', 'body.kind == "call"'],
    },
    ignore: {
      description: 'true: items that fit are valid and ignored. Only name and when can stand beside it.',
    },
    type: {
      description: 'conversation:created or conversation:updated, or ${…} that gives one of them.',
      examples: ['conversation:created'],
    },
    topic: { description: 'What rules can listen to, beside the type.', examples: ['relay.survey'] },
    conversationId: { description: 'Needed in each item.', examples: ['${body.conversationId}'] },
    participantId: {
      description: 'Whom attributes go on, unless a rule has a target.',
      examples: ['${body.participantId}'],
    },
    id: { description: 'Of the event: makes it known when it is sent again.', examples: ['${body.eventId}'] },
    occurredAt: {
      description: 'When it happened: ISO 8601 text or epoch milliseconds.',
      examples: ['${body.time}', '${int(body.seconds) * 1000}'],
    },
    mediaType: { description: 'event.mediaType' },
    direction: { description: 'event.direction' },
    queueId: { description: 'event.queueId' },
    userId: { description: 'event.userId' },
    attributes: {
      description: 'event.attributes: each with its value, or ${…} that gives a map.',
      examples: [{ language: '${body.language}' }, '${body.data}'],
    },
    participant: {
      description:
        'participant: purpose, address, ani, dnis, externalContactId, externalId, userId, queueId, attributes.',
    },
  },
  rule: {
    name: { description: 'Used once. Stands in logs, and in what `rules test` and `rules eval` tell.' },
    on: {
      description:
        'What the rule listens to: event types, topics, topics such as user.*, or * for everything. One that fits is enough.',
    },
    when: {
      description: 'A condition in CEL on event and participant. Absent: always.',
      examples: ['participant.purpose == "customer"'],
    },
    target: {
      description:
        'Whom the attributes go on: the first participant of the conversation for whom this CEL condition on candidate is true. Absent, or event: the participant the event names.',
      examples: ['event', 'candidate.purpose == "customer"'],
    },
    needs: {
      description:
        'participant: reads the participant from Genesys Cloud first, which costs one call, so that participant has what the event does not tell.',
    },
    priority: { description: 'What goes first while the rate budget is scarce.' },
    set: {
      description:
        'Attributes by name. Values are sent as text; ${…} in them is CEL; "" blanks an attribute.',
      examples: [{ support_tier: 'platinum', greeting: 'Hello ${participant.address}' }],
    },
  },
  fileLookup: {
    file: { description: 'Path from the folder of the rules file.', examples: ['./customers.csv'] },
    key: {
      description: 'The column that holds the key. CSV and lists of rows need it, maps must not have it.',
    },
    format: { description: 'Default: as the ending of the file tells.' },
    delimiter: { description: 'What stands between the cells of CSV: one character.' },
  },
  httpLookup: {
    url: {
      description: 'Holds {key} once, in its path or query. https, or with allowPrivate also http.',
      examples: ['https://crm.example.com/customers/{key}'],
    },
    headers: { description: 'Text, or { file: path } of a file that holds it, such as a secret.' },
    timeoutMs: { description: 'From the call to the end of its answer.' },
    ttlSeconds: { description: 'How long a row is taken for true.' },
    negativeTtlSeconds: { description: 'How long it is taken for true that there is no row.' },
    maxEntries: { description: 'Keys that are remembered.' },
    concurrency: { description: 'Calls at the same time.' },
    onError: {
      description: 'What becomes of an event whose lookup fails: decided without it, or tried again.',
    },
    allowPrivate: {
      description: 'Allows addresses of private networks and of this machine, and plain http.',
    },
    columns: {
      description: 'Where the value of each column stands in the answer. Absent: all at its top.',
      examples: [{ tier: 'contract.tier' }],
    },
  },
  test: {
    name: { description: 'What is tested, as the report shows it.' },
    event: {
      description:
        'As a relay would send it: canonical, from EventBridge, a notification or a conversation snapshot.',
    },
    becomes: {
      description:
        'What the event is read as: those fields of event that are named here, and participant. null: not there.',
    },
    ignored: {
      description: 'true: the service answers ignored, because the item is no event that a rule listens to.',
    },
    participants: {
      description:
        'Who takes part in the conversation, as the API answers it: for rules with a target, or that need the participant.',
    },
    answers: {
      description:
        'What tables behind HTTP answer: table → key → row; null: no row. Nothing is asked over the network.',
    },
    participant: { description: 'Whom all of it is to be set on. Absent: whomever.' },
    expect: {
      description:
        'All that is to be set, and nothing else: attribute → value, or participant → attribute → value. {}: nothing.',
    },
  },
}
