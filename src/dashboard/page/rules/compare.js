import { ApiError, post } from '../core/api.js'

/** @import { Evaluation } from '../../answer-types.ts' */

/** @typedef {{ evaluation?: Evaluation, mistakes?: readonly string[] }} Side */
/** @typedef {{ inForce: Side, edited: Side | undefined }} Outcome */

/**
 * @param {string} event JSON @param {string} participants JSON, or empty @param {string | undefined} rules the edited copy
 * @returns {Promise<Outcome>}
 */
export async function compare(event, participants, rules) {
  const body = {
    event: read(event, 'The event'),
    ...(participants.trim() !== '' && { participants: read(participants, 'The list of participants') }),
  }
  const inForce = await evaluate(body)
  return { inForce, edited: rules === undefined ? undefined : await evaluate({ ...body, rules }) }
}

/** @param {object} body @returns {Promise<Side>} */
async function evaluate(body) {
  try {
    return { evaluation: await post('admin/rules/evaluate', body) }
  } catch (error) {
    if (!(error instanceof ApiError) || error.errors.length === 0) throw error
    const mistakes = error.errors.map(({ path, message }) =>
      path === 'rules' ? (message ?? '') : `${path}: ${message}`,
    )
    return { mistakes }
  }
}

/** @param {string} text @param {string} subject @returns {unknown} */
function read(text, subject) {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError(`${subject} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}

/**
 * The attributes that an evaluation sets, one per line.
 * @param {Side | undefined} side
 * @returns {ReadonlyMap<string, string>} by `result participant name`
 */
export function attributesOf(side) {
  const entries = side?.evaluation?.results.flatMap(({ changes }, index) =>
    changes.flatMap(({ participantId, attributes }) =>
      Object.entries(attributes).map(
        ([name, value]) => /** @type {const} */ ([JSON.stringify([index, participantId, name]), value]),
      ),
    ),
  )
  return new Map(entries)
}
