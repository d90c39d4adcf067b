import Fastify from 'fastify'

// The baseline, in its own process: Fastify as in its documentation. Parses a JSON body and sends it back, without
// validation and storage.
const server = Fastify({ bodyLimit: 16 * 1024 * 1024 })
server.post('/webhooks/genesys', async (request, reply) => reply.code(202).send(request.body))
process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`)
