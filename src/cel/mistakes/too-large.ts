import { expressionLimits } from '../syntax/limits.ts'

const { maxAstNodes, maxDepth, maxListElements, maxMapEntries } = expressionLimits

export const tooLarge = `the expression is too large: ${maxAstNodes} parts, ${maxDepth} levels, ${maxListElements} elements of a list and ${maxMapEntries} of a map are the most`
