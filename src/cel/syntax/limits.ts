/** What is too large to be read at all, in the CEL library's own names. */
export const expressionLimits = {
  maxAstNodes: 500,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 100,
  maxCallArguments: 16,
} as const

/** For what is written around the parts of an expression. */
export const boundedLimits = { ...expressionLimits, maxAstNodes: 5_000, maxDepth: 1_000 } as const
