import Fastify from 'fastify'

// What all others are measured against, as a process of its own: Fastify as its documentation shows it, which parses
// a JSON body and sends it back. It checks nothing and keeps nothing.
const server = Fastify({ bodyLimit: 16 * 1024 * 1024 })
server.post('/webhooks/genesys', async (request, reply) => reply.code(202).send(request.body))
process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`)
