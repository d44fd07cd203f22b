export type { AcceptsFeeds, Case, CaseSource, Dims } from './case.js';
export { fittedCases } from './fitted-cases.js';
export { checkFeeds, givenCases } from './given-cases.js';
export { type InputSpec, inputSpecs, openDims } from './input-shapes.js';
export { type Distribution, type SeededCasesOptions, seededCases } from './seeded-cases.js';
export { specialCases, specialValues } from './special-cases.js';
