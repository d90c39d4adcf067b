import type { JsonSchema } from '../../enrich/rules-file/json-schema.ts'

/** The parts of an OpenAPI 3.1 document that are used here. Descriptions are plain text with `code` in it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly summary: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string; readonly description: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Paths
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  }
}

export type Paths = Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options'
export type Tag = 'Events' | 'Probes' | 'Description' | 'Admin'

export interface Operation {
  readonly operationId: string
  readonly tags: readonly [Tag]
  readonly summary: string
  readonly description?: string
  /** Alternatives; the schemes within one are needed together. Empty: nothing is asked for. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly description?: string
    readonly required: true
    readonly content: Readonly<Record<string, Content>>
  }
  readonly responses: Responses
}

export type Responses = Readonly<Record<string, Response>>

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Header>>
  readonly content?: Readonly<Record<string, Content>>
}

export interface Content {
  readonly schema: JsonSchema
  readonly examples?: Readonly<Record<string, Example>>
}

export interface Example {
  readonly summary: string
  readonly value: unknown
}

export interface Header {
  readonly description: string
  /** Whether each such answer carries it. */
  readonly required?: boolean
  readonly schema: JsonSchema
}

export interface Parameter extends Header {
  readonly name: string
  readonly in: 'query' | 'header'
}

export type SecurityScheme = { readonly description: string } & (
  | { readonly type: 'http'; readonly scheme: 'bearer' | 'basic' }
  | { readonly type: 'apiKey'; readonly in: 'header'; readonly name: string }
)
