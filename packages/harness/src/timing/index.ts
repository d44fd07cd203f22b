export { median, quantile } from '@rheobase/exporter';
export { type BootstrapOptions, type Interval, medianInterval, type Rounds, ratioInterval } from './bootstrap.js';
export { interleavedRounds, type RoundsOptions, type Subject, type TimedSubject } from './interleaved-rounds.js';
export { type Launch, launchRatio, withLaunchLuck } from './launches.js';
export { type SampleLength, type SampleLengthOptions, sampleLength, type TimingMode } from './sample-length.js';
export { perSecond, type SpeedVerdict, speedVerdict, summarizeTiming, type TimingSummary } from './summary.js';
export { type TimeRuns, type WarmUp, type WarmUpOptions, warmUp } from './warm-up.js';
