const factor = Number(process.env.TEST_ROUNDS ?? 1)
if (!(factor > 0)) throw new Error('TEST_ROUNDS must be a number above 0')

/** How many random cases a test tries: `count` with `npm test`, ten times as many with `npm run test:long`. */
export const rounds = (count: number): number => Math.ceil(factor * count)
