/** `rheobase verify`: the same model on every backend; do they agree, and how fast is each. */
import { RheobaseError } from '@rheobase/exporter/errors';
import {
  type CaseSource,
  type Dims,
  exitCodeOf,
  fittedCases,
  givenCases,
  renderHtml,
  renderJson,
  renderTerminal,
  seededCases,
  specialCases,
  type VerifyEvent,
  verify,
} from '@rheobase/harness';
import type { Backend, BackendId } from '@rheobase/runtime';
import { readCases } from '@rheobase/runtime/files';
import type { Argv, CommandModule } from 'yargs';
import { createBackend, DEFAULT_BACKENDS, parseBackendList } from '../backends.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { parseDims } from '../options/dims.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { terminalOptions } from '../terminal/terminal-options.js';
import { verifyProgress } from '../terminal/verify-progress.js';

interface VerifyArguments {
  models: string[];
  backends?: string[];
  baseline?: string;
  require?: string[];
  inputs?: string;
  values: 'random' | 'special';
  cases: number;
  seed: number;
  dim?: string[];
  runs: number;
  threads?: number;
  timeout: number;
  atol?: number;
  rtol?: number;
  json?: string;
  html?: string;
}

export function verifyCommand(outcome: CommandOutcome): CommandModule<object, VerifyArguments> {
  return {
    command: 'verify <models..>',
    describe: 'Run ONNX models on every backend, compare the outputs, time them',
    builder,
    handler: async (args) => {
      outcome.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv): Argv<VerifyArguments> {
  return yargs
    .positional('models', { type: 'string', array: true, demandOption: true, describe: 'ONNX files' })
    .option('backends', {
      type: 'string',
      array: true,
      describe: 'Backends, separated by commas; default the six standard ones',
    })
    .option('baseline', { type: 'string', describe: 'Whose outputs count; default node/cpu, else the first backend' })
    .option('require', { type: 'string', array: true, describe: 'Exit with 3 when one of these is missing or fails' })
    .option('inputs', {
      type: 'string',
      describe: 'npz, npy, ONNX .pb or a folder of them; several cases as case0/x, case1/x',
    })
    .option('values', {
      choices: ['random', 'special'] as const,
      default: 'random' as const,
      describe: 'What to feed without --inputs: seeded random numbers, or NaN, ±Inf, ±0, denormals …',
    })
    .option('cases', { type: 'number', default: 1, describe: 'How many random cases' })
    .option('seed', { type: 'number', default: 0, describe: 'Seed of everything random' })
    .option('dim', {
      type: 'string',
      array: true,
      describe: 'Extent of a symbolic dimension, e.g. batch=4; others are 1',
    })
    .option('runs', { type: 'number', default: 30, describe: 'Timed runs per case; 0 times nothing' })
    .option('threads', { type: 'number', describe: 'Threads per backend; default ONNX Runtime’s own choice' })
    .option('timeout', { type: 'number', default: 120, describe: 'Seconds a single load or run may take' })
    .option('atol', { type: 'number', describe: 'Absolute tolerance instead of the built-in ones' })
    .option('rtol', { type: 'number', describe: 'Relative tolerance instead of the built-in ones' })
    .option('json', { type: 'string', describe: 'Write the report as JSON (- for standard output)' })
    .option('html', { type: 'string', describe: 'Write the report as one self-contained HTML file' })
    .example('$0 verify model.onnx', 'Random input on the six standard backends')
    .example('$0 verify model.onnx --dim batch=4 --values special', 'NaN, infinities, denormals in a batch of four')
    .example('$0 verify model.onnx --inputs images.npz --json report.json --html report.html', 'Real input, reports')
    .example(
      '$0 verify model.onnx --backends node/cpu,chromium/webgpu --require chromium/webgpu',
      'Two backends, in CI',
    )
    .epilogue('Exit code: 0 agree, 1 diverge, 2 bad input, 3 a required backend is missing or a backend failed.');
}

async function run(args: VerifyArguments): Promise<ExitCode> {
  const required = parseBackendList(args.require) ?? [];
  const ids = withAll(parseBackendList(args.backends) ?? DEFAULT_BACKENDS, required, args.baseline);
  requirePositive('cases', args.cases);
  requirePositive('timeout', args.timeout);
  if (args.threads !== undefined) requirePositive('threads', args.threads);
  requireWritable(args.json, args.html);
  const cases = await caseSource(args);

  const backends = ids.map((id) => createBackend(id));
  const progress = verifyProgress(backends.length);
  const rejections: RheobaseError[] = [];
  const listen = (event: VerifyEvent): void => {
    progress.onEvent(event);
    if (event.kind === 'failed') rejections.push(asError(event));
  };
  try {
    const report = await verify({
      models: args.models,
      backends,
      baseline: args.baseline ?? (ids.includes('node/cpu') ? 'node/cpu' : ids[0]),
      require: required,
      cases,
      runs: args.runs,
      seed: args.seed,
      session: { timeoutMs: args.timeout * 1000, ...(args.threads === undefined ? {} : { threads: args.threads }) },
      tolerance: { all: definedNumbers({ atol: args.atol, rtol: args.rtol }) },
      onEvent: listen,
    });
    progress.stop();
    await writeOutput(args.json, () => renderJson(report));
    await writeOutput(args.html, () => renderHtml(report));
    const refused = refusedEverywhere(report.comparisons.length + report.timings.length, rejections);
    if (refused !== undefined) throw refused;
    if (args.json !== '-' && args.html !== '-') process.stdout.write(renderTerminal(report, terminalOptions()));
    return [EXIT.ok, EXIT.diverged, EXIT.badInput, EXIT.backendMissing][exitCodeOf(report)];
  } finally {
    progress.stop();
    await closeAll(backends);
  }
}

/** Backends in the order given; the required ones and the baseline belong to the run whether named or not. */
function withAll(ids: readonly BackendId[], required: readonly BackendId[], baseline?: string): readonly BackendId[] {
  return [...new Set([...ids, ...required, ...(parseBackendList(baseline === undefined ? [] : [baseline]) ?? [])])];
}

async function caseSource({ inputs, values, cases, seed, dim }: VerifyArguments): Promise<CaseSource> {
  const dims: Dims = parseDims(dim);
  if (inputs !== undefined) {
    const given = await readCases(inputs);
    return (model) => givenCases(model, given(model));
  }
  if (values === 'special') return fittedCases(dims, (model, fitted) => specialCases(model, { dims: fitted }));
  return fittedCases(dims, (model, fitted) => seededCases(model, { seed, cases, dims: fitted }));
}

/**
 * A model that every backend refuses for what it is (an operator nobody has, a graph that does not load) is bad input,
 * not a failure of the backends.
 */
function refusedEverywhere(results: number, rejections: readonly RheobaseError[]): RheobaseError | undefined {
  const isInput = ({ code }: RheobaseError): boolean => code === 'bad-input' || code === 'unsupported';
  return results === 0 && rejections.length > 0 && rejections.every(isInput) ? rejections[0] : undefined;
}

function asError({ model, error }: Extract<VerifyEvent, { kind: 'failed' }>): RheobaseError {
  return new RheobaseError(error.code, error.what, {
    where: error.where === undefined ? model : `${model}: ${error.where}`,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  });
}

function definedNumbers<K extends string>(fields: Record<K, number | undefined>): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Record<K, number>
  >;
}

async function closeAll(backends: readonly Backend[]): Promise<void> {
  await Promise.all(backends.map((backend) => backend.close()));
}
