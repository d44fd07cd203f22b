/** `rheobase conformance`: ONNX's backend tests on any backend; what passes, fails, is missing, or ends the process. */
import { badInput } from '@rheobase/exporter/errors';
import {
  type BackendConformance,
  type ConformanceCase,
  type ConformanceReport,
  findConformanceCases,
  type MissingBackend,
  ONNX_TOLERANCE,
  runConformance,
} from '@rheobase/harness';
import type { Argv, CommandModule } from 'yargs';
import { createBackend, DEFAULT_BACKENDS, parseBackendList } from '../backends.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { TIMEOUT_HELP } from '../options/backends.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';

interface ConformanceArguments {
  folder: string;
  backends?: string[];
  filter?: string;
  rtol: number;
  atol: number;
  timeout: number;
  json?: string;
}

export function conformanceCommand(outcome: CommandOutcome): CommandModule<object, ConformanceArguments> {
  return {
    command: 'conformance <folder>',
    describe: 'Run ONNX’s backend tests: what passes on which backend',
    builder,
    handler: async (args) => {
      outcome.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv): Argv<ConformanceArguments> {
  return yargs
    .positional('folder', {
      type: 'string',
      demandOption: true,
      describe: 'One test (model.onnx, test_data_set_0/), a folder of them, or one that has them in node/',
    })
    .option('backends', {
      type: 'string',
      array: true,
      describe: 'Backends, separated by commas, which must be there; default those available',
    })
    .option('filter', { type: 'string', describe: 'Only tests whose name matches this regular expression' })
    .option('rtol', { type: 'number', default: ONNX_TOLERANCE.rtol, describe: 'Relative tolerance' })
    .option('atol', { type: 'number', default: ONNX_TOLERANCE.atol, describe: 'Absolute tolerance' })
    .option('timeout', { type: 'number', default: 60, describe: TIMEOUT_HELP })
    .option('json', { type: 'string', describe: 'Write every outcome to this file (- for standard output)' })
    .example('$0 conformance onnx/backend/test/data/node', 'Every operator of ONNX, on the backends that are here')
    .example('$0 conformance data --backends node/webgpu --filter "^test_(relu|elu)"', 'A few, on one backend')
    .epilogue(
      'Exit code: 0 nothing failed or crashed, 1 a test did, 2 bad input, 3 a backend that was named is missing.',
    );
}

async function run(args: ConformanceArguments): Promise<ExitCode> {
  const named = parseBackendList(args.backends);
  requirePositive('timeout', args.timeout);
  const { rtol, atol } = requireTolerance(args);
  requireWritable(args.json);
  const cases = matching(findConformanceCases(args.folder), args.filter);

  const backends = (named ?? DEFAULT_BACKENDS).map((id) => createBackend(id, args.timeout));
  const progress = progressDisplay();
  try {
    const { report, missing } = await runConformance({
      cases,
      backends,
      tolerance: { ...ONNX_TOLERANCE, rtol, atol },
      timeoutMs: args.timeout * 1000,
      onEvent: ({ backend, done, total, result }) => {
        // A line each would flood a log; a live line may change as often as it likes.
        if (!process.stderr.isTTY && done % 100 !== 0 && done !== total) return;
        const before = Math.max(
          0,
          backends.findIndex(({ id }) => id === backend),
        );
        progress.update((before + done / total) / backends.length, `${backend}: ${result.name}, ${done} of ${total}`);
      },
    });
    progress.stop();
    await writeOutput(args.json, () => `${JSON.stringify(report, null, 2)}\n`);
    if (args.json !== '-') process.stdout.write(render(report));
    if (named !== undefined || report.backends.length === 0) tellMissing(missing);
    return exitCode(report, named !== undefined && missing.length > 0);
  } finally {
    progress.stop();
    await Promise.all(backends.map((backend) => backend.close()));
  }
}

/** @throws RheobaseError `bad-input` for a tolerance below zero, or none at all. */
function requireTolerance({ rtol, atol }: ConformanceArguments): { rtol: number; atol: number } {
  for (const [name, value] of Object.entries({ rtol, atol })) {
    if (!(value >= 0)) throw badInput(`--${name} must be 0 or more, got ${value}`);
  }
  return { rtol, atol };
}

/** @throws RheobaseError `bad-input` where the pattern is none, or matches no case. */
function matching(cases: readonly ConformanceCase[], filter: string | undefined): readonly ConformanceCase[] {
  if (filter === undefined) return cases;
  const pattern = regularExpression(filter);
  const chosen = cases.filter(({ name }) => pattern.test(name));
  if (chosen.length > 0) return chosen;
  throw badInput(`matches none of the ${cases.length} tests`, { where: `--filter ${filter}` });
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw badInput('is no regular expression', { where: `--filter ${text}`, cause: error });
  }
}

/** The counts, then every case that failed or crashed; what is unsupported is in the JSON. */
function render({ backends }: ConformanceReport): string {
  if (backends.length === 0) return '';
  const counts = backends.map(({ id, passed, failed, unsupported, crashed }) => {
    return [id, ...[passed, failed, unsupported, crashed].map(String)];
  });
  const faults = backends.flatMap(faultsOf);
  const summary = table(['backend', 'passed', 'failed', 'unsupported', 'crashed'], counts);
  return faults.length === 0 ? summary : `${summary}\n${table(['backend', 'outcome', 'test', 'reason'], faults)}`;
}

function faultsOf({ id, cases }: BackendConformance): readonly string[][] {
  const faulty = cases.filter(({ outcome }) => outcome === 'failed' || outcome === 'crashed');
  return faulty.map(({ name, outcome, reason }) => [id, outcome, name, shortened(reason ?? '')]);
}

/** A runtime may list all its types; the JSON has the whole. */
function shortened(reason: string): string {
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
}

const LONGEST_REASON = 160;

function tellMissing(missing: readonly MissingBackend[]): void {
  for (const { id, reason, remedy } of missing) {
    process.stderr.write(`rheobase: ${id}: ${reason}${remedy === null ? '' : `; ${remedy}`}\n`);
  }
}

function exitCode({ backends }: ConformanceReport, requiredMissing: boolean): ExitCode {
  if (requiredMissing || backends.length === 0) return EXIT.backendMissing;
  return backends.some(({ failed, crashed }) => failed + crashed > 0) ? EXIT.diverged : EXIT.ok;
}
