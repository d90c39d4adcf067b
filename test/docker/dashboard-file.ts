import { z } from 'zod'
import { readPage } from '../docs/markdown.ts'

const dataSource = z.object({ type: z.string(), uid: z.string() })

const target = z.object({
  refId: z.string(),
  datasource: dataSource,
  expr: z.string(),
  legendFormat: z.string().optional(),
  format: z.literal('table').optional(),
  instant: z.boolean().optional(),
})

const panel = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: dataSource.optional(),
  gridPos: z.object({ h: z.int(), w: z.int(), x: z.int(), y: z.int() }),
  targets: z.array(target).default([]),
  fieldConfig: z
    .object({
      defaults: z.object({ unit: z.string().optional() }),
      overrides: z.array(z.object({ properties: z.array(z.object({ id: z.string() })) })),
    })
    .optional(),
})

const dashboard = z.object({
  uid: z.string(),
  templating: z.object({
    list: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        query: z.union([z.string(), z.object({ query: z.string() })]),
        datasource: dataSource.optional(),
      }),
    ),
  }),
  annotations: z.object({
    list: z.array(z.object({ name: z.string(), datasource: dataSource, expr: z.string() })),
  }),
  panels: z.array(panel),
})

export type Panel = z.infer<typeof panel>

export const dashboardPath = 'docker/grafana/dashboards/genesys-enricher.json'

export const dashboardText = await readPage(dashboardPath)

/** The parts of the dashboard that the tests read. */
export const { uid, templating, annotations, panels } = dashboard.parse(JSON.parse(dashboardText))

/** The panels that show data. */
export const charts: readonly Panel[] = panels.filter(({ type }) => type !== 'row')

export const expressions: readonly { readonly where: string; readonly expr: string }[] = [
  ...charts.flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }) => ({ where: `${title}, query ${refId}`, expr })),
  ),
  ...annotations.list.map(({ name, expr }) => ({ where: `annotation ${name}`, expr })),
]
