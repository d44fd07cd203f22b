export { type BoundaryCasesOptions, boundaryCases } from './boundary-cases.js';
export type { OutOfReach } from './drives.js';
