export { mergeReports, type ReportPart } from './merge-reports.js';
export { readReport } from './read-report.js';
export { Recording } from './recording.js';
export { type ReplayOptions, replay } from './replay.js';
export { parseShard, reportOfShard, type Shard, type Sharded, shardOf } from './shard.js';
