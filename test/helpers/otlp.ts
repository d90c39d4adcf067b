/** A span as a collector receives it, ids in hexadecimal. */
export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** `status.code` 2. */
  readonly failed: boolean
  /** Of the resource. */
  readonly resource: Readonly<Record<string, unknown>>
}

interface JsonValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values?: readonly JsonValue[] }
}

type JsonAttributes = readonly { readonly key: string; readonly value: JsonValue }[]

interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: JsonAttributes }
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string
        readonly traceId: string
        readonly spanId: string
        readonly parentSpanId?: string
        readonly kind: number
        readonly attributes?: JsonAttributes
        readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
        readonly status?: { readonly code?: number }
      }[]
    }[]
  }[]
}

const readValue = ({ stringValue, intValue, boolValue, arrayValue }: JsonValue): unknown =>
  stringValue ??
  (intValue === undefined ? undefined : Number(intValue)) ??
  boolValue ??
  arrayValue?.values?.map(readValue) ??
  []

const recordOf = (attributes: JsonAttributes = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]))

/** https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export function readJson(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body.toString()) as JsonRequest
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId = '', kind, attributes, links = [], status }) => ({
        name,
        traceId,
        spanId,
        parentSpanId,
        kind,
        attributes: recordOf(attributes),
        links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
        failed: status?.code === 2,
        resource: recordOf(resource.attributes),
      })),
    ),
  )
}

/** The fields of a protobuf message by number: bytes of length-delimited fields, values of the others. */
function* fieldsOf(message: Buffer): Generator<readonly [field: number, value: Buffer | number]> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) yield [field, varint()]
    else {
      const length = tag % 8 === 2 ? varint() : tag % 8 === 1 ? 8 : 4
      yield [field, message.subarray(at, at + length)]
      at += length
    }
  }
}

const messages = (message: Buffer, wanted: number): Buffer[] =>
  [...fieldsOf(message)].flatMap(([field, value]) =>
    field === wanted && Buffer.isBuffer(value) ? [value] : [],
  )

/**
 * The names and ids of the spans only, by the field numbers of
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export const readProtobuf = (body: Buffer): ReceivedSpan[] =>
  messages(body, 1).flatMap((resourceSpans) =>
    messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => {
        const bytes = (field: number) => messages(span, field)[0] ?? Buffer.alloc(0)
        return {
          name: bytes(5).toString(),
          traceId: bytes(1).toString('hex'),
          spanId: bytes(2).toString('hex'),
          parentSpanId: bytes(4).toString('hex'),
          kind: Number([...fieldsOf(span)].find(([field]) => field === 6)?.[1] ?? 0),
          attributes: {},
          links: [],
          failed: false,
          resource: {},
        }
      }),
    ),
  )
