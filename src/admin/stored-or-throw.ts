import type { FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'

/** Answers a failed write of the inbox with 503. */
export async function storedOrThrow<Result>(
  request: FastifyRequest,
  write: Promise<Result>,
): Promise<Result> {
  try {
    return await write
  } catch (error) {
    request.log.error({ code: 'store_unavailable', err: error }, 'admin change not stored')
    throw new Problem('store_unavailable')
  }
}
