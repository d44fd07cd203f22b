export * from './lowerings/index.js';
