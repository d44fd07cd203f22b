export * from './connection.js';
export * from './engine.js';
export * from './frame.js';
export * from './ort-engine.js';
export * from './ort-profile.js';
export * from './protocol.js';
export * from './remote-backend.js';
export * from './serve.js';
