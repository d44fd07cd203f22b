export { inlineBranches } from './inline-branches.js';
export { callBody, inlineFunctions } from './inline-functions.js';
export { withWeightsInside } from './weights-inside.js';
