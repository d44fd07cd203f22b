export * from './backend.js';
export { exampleOf } from './examples.js';
export * from './measure-placement.js';
export { DEFAULT_DTYPES, type Probe, type ProbeModel, type ProbeSelection, probeModel, probesFor } from './probe.js';
export { MEASURED_BACKENDS, MEASURED_RUNTIME, measuredAs, providerOf } from './provider-of.js';
export * from './table.js';
