import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { SimulatorControls } from './controls.ts'
import { notificationInputSchema } from './notifications.ts'
import { queueInputSchema } from './queues.ts'

/** Close codes that an application may use. */
const dropSchema = z
  .strictObject({
    code: z.union([z.literal([1000, 1001, 1011, 1012, 1013]), z.int().min(3000).max(4999)]).optional(),
  })
  .default({})

/** The `/simulator/*` routes of the notification service. */
export function notificationsControl(scope: FastifyInstance, controls: SimulatorControls): void {
  scope.post('/simulator/queues', (request, reply) =>
    reply.code(201).send(controls.createQueue(queueInputSchema.parse(request.body))),
  )
  scope.post('/simulator/notifications', (request) => ({
    sent: controls.notify(notificationInputSchema.parse(request.body)),
  }))
  scope.get('/simulator/notifications/channels', () => ({ channels: controls.channels() }))
  scope.delete('/simulator/notifications/channels', () => ({ ended: controls.endChannels() }))
  scope.post('/simulator/notifications/drop', (request) => ({
    dropped: controls.dropSockets(dropSchema.parse(request.body).code),
  }))
  scope.post('/simulator/notifications/mute', () => ({ muted: controls.muteSockets() }))
}
