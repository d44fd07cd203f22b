export { type PrintOptions, printModel } from './print-model.js';
