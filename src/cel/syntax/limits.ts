/** Limits of an expression, by the names of the CEL library. */
export const expressionLimits = {
  maxAstNodes: 500,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 100,
  maxCallArguments: 16,
} as const

/** Limits of an expression after `boundedSource` has added its macros. */
export const boundedLimits = { ...expressionLimits, maxAstNodes: 5_000, maxDepth: 1_000 } as const

const { maxAstNodes, maxDepth, maxListElements, maxMapEntries } = expressionLimits

export const tooLarge = `the expression is too large: the limits are ${maxAstNodes} parts, ${maxDepth} levels, ${maxListElements} elements of a list and ${maxMapEntries} entries of a map`
