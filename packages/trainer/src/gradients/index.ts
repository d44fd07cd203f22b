export { type CustomRule, customGradient } from './custom-gradient.js';
export { gradient } from './gradient.js';
