export { type CustomRule, customGradient } from './custom-gradient.js';
export { gradient, pullBack } from './gradient.js';
