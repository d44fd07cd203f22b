export { integerIn, normal, shuffled } from './draws.js';
