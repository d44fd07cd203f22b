export type { Case, CaseSource, Dims } from './case.js';
export { checkFeeds, givenCases } from './given-cases.js';
export { type InputSpec, inputSpecs } from './input-shapes.js';
export { type Distribution, type SeededCasesOptions, seededCases } from './seeded-cases.js';
export { specialCases, specialValues } from './special-cases.js';
