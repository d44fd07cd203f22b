export * from './calibration/index.js';
export * from './lowerings/index.js';
