export { createBackend, DEFAULT_BACKENDS, KNOWN_BACKENDS } from './backends.js';
export { EXIT, type ExitCode } from './exit-codes.js';
export { main } from './main.js';
export { type ProgressDisplay, progressDisplay } from './terminal/progress.js';
export { terminalOptions } from './terminal/terminal-options.js';
export { type TrainProgress, trainProgress } from './terminal/train-progress.js';
export { type VerifyProgress, verifyProgress } from './terminal/verify-progress.js';
