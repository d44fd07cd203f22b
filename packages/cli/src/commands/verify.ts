/** `rheobase verify`: the same model on every backend; do they agree, and how fast is each. */
import { RheobaseError } from '@rheobase/exporter/errors';
import { exitCodeOf, parseShard, Recording, reportOfShard, shardOf, type VerifyEvent, verify } from '@rheobase/harness';
import type { BackendId } from '@rheobase/runtime';
import type { Argv, CommandModule } from 'yargs';
import { createBackend, parseBackendList } from '../backends.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { BACKEND_OPTIONS, type BackendArguments, chosenBackends, closeAll } from '../options/backends.js';
import { CASE_OPTIONS, type CaseArguments, caseSource } from '../options/cases.js';
import { grouped } from '../options/groups.js';
import { requireCount, requirePositive } from '../options/numbers.js';
import { REPORT_OPTIONS, type ReportArguments, requireReportsWritable, writeReports } from '../options/reports.js';
import { given, OPTIMIZATION_OPTION, type Optimization } from '../options/session.js';
import { TIMING_OPTIONS, type TimingArguments } from '../options/timing.js';
import { TOLERANCE_OPTIONS, type ToleranceArguments, toleranceOverrides } from '../options/tolerances.js';
import { requireFolder } from '../output.js';
import { verifyProgress } from '../terminal/verify-progress.js';

interface VerifyArguments
  extends BackendArguments,
    CaseArguments,
    TimingArguments,
    ToleranceArguments,
    ReportArguments {
  models: string[];
  against?: string;
  baseline?: string;
  runs: number;
  threads?: number;
  optimization?: Optimization;
  strictPlacement?: boolean;
  noiseFloor?: boolean;
  reduce?: string;
  save?: string;
  shard?: string;
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
  const options = yargs
    .positional('models', { type: 'string', array: true, demandOption: true, describe: 'ONNX files' })
    .options(BACKEND_OPTIONS)
    .option('baseline', { type: 'string', describe: 'Whose outputs count; default node/cpu, else the first backend' })
    .options(CASE_OPTIONS)
    .option('runs', {
      type: 'number',
      default: 30,
      describe: 'Timed runs per case at least (fast models get more); 0 times nothing',
    })
    .options(TIMING_OPTIONS)
    .option('threads', { type: 'number', describe: 'Threads per backend; default ONNX Runtime’s own choice' })
    .option('optimization', OPTIMIZATION_OPTION)
    .option('against', {
      type: 'string',
      describe: 'A reference model that each backend runs too: compares models, not backends',
    })
    .options(TOLERANCE_OPTIONS)
    .option('strict-placement', {
      type: 'boolean',
      describe: 'Fail where a node silently ran on another provider',
    })
    .option('noise-floor', {
      type: 'boolean',
      describe: 'Compare each backend with itself: run again, unoptimised, on one thread, batch of one',
    })
    .option('reduce', { type: 'string', describe: 'Write the smallest model and inputs that still diverge into DIR' })
    .options(REPORT_OPTIONS)
    .option('save', { type: 'string', describe: 'Record models, inputs and outputs in a folder, for replay elsewhere' })
    .option('shard', { type: 'string', describe: 'Do one part of the work, e.g. 2/5; merge joins the reports' });
  return grouped(options, {
    Where: [BACKEND_OPTIONS, 'baseline', 'threads', 'optimization'],
    Inputs: [CASE_OPTIONS],
    Comparison: [TOLERANCE_OPTIONS, 'against', 'strict-placement', 'noise-floor', 'reduce'],
    Timing: [TIMING_OPTIONS, 'runs'],
    Reports: [REPORT_OPTIONS, 'save', 'shard'],
  })
    .example('$0 verify model.onnx', 'Random input on the six standard backends')
    .example('$0 verify model.onnx --dim batch=4 --values special', 'NaN, infinities, denormals in a batch of four')
    .example('$0 verify model.onnx --values boundary', 'Every neuron that can be reached at θ and right beside it')
    .example('$0 verify model.onnx --sweep batch=1,2,7,64 --range x=-3:3', 'Four batch sizes, x uniform in a range')
    .example('$0 verify new.onnx --against old.onnx --ulp 0', 'Which node makes two models differ, to the last bit')
    .example('$0 verify a.onnx b.onnx', 'Each by itself on all backends; --against compares the two')
    .example('$0 verify model.onnx --atol logits=1e-4 --nan mismatch', 'A tolerance for one output, a policy for all')
    .example('$0 verify model.onnx --reduce bug/', 'The divergence as a bundle that anyone can replay')
    .example('$0 verify digits.onnx --inputs seven.png', 'An image in the shape of the input, 0 to 1')
    .example('$0 verify model.onnx --inputs images.npz --json report.json --html report.html', 'Real input, reports')
    .example(
      '$0 verify model.onnx --backends node/cpu,chromium/webgpu --require chromium/webgpu',
      'Two backends, in CI',
    )
    .example('$0 verify model.onnx --mode throughput --threads 1', 'Runs a second on one thread')
    .example('$0 verify model.onnx --backends node/cpu,chromium/webgpu --outputs device', 'A GPU without the transfer')
    .example('$0 verify model.onnx --save run/', 'Record the run; rheobase replay run/ compares another machine')
    .example('$0 verify models/*.onnx --shard 2/5 --json part2.json', 'The second of five jobs')
    .epilogue('Exit code: 0 agree, 1 diverge, 2 bad input, 3 a required backend is missing or a backend failed.');
}

async function run(args: VerifyArguments): Promise<ExitCode> {
  const chosen = chosenBackends(args);
  const { required } = chosen;
  const ids = withBaseline(chosen.ids, args.baseline);
  requirePositive('timeout', args.timeout);
  requireCount('runs', args.runs, 0);
  if (args.threads !== undefined) requireCount('threads', args.threads);
  requireReportsWritable(args);
  requireFolder(args.reduce);
  const whole = { models: args.models, cases: await caseSource(args, args.models.length) };
  const { models, cases } =
    args.shard === undefined ? whole : shardOf(whole.models, whole.cases, parseShard(args.shard));
  const recording = args.save === undefined ? null : await Recording.into(args.save);

  const backends = ids.map((id) => createBackend(id, args.timeout));
  const progress = verifyProgress(backends.length);
  const rejections: RheobaseError[] = [];
  const listen = (event: VerifyEvent): void => {
    progress.onEvent(event);
    if (event.kind === 'failed') rejections.push(asError(event));
  };
  try {
    const verified = await verify({
      models,
      backends: recording === null ? backends : backends.map((backend) => recording.recorded(backend)),
      baseline: args.baseline ?? (ids.includes('node/cpu') ? 'node/cpu' : ids[0]),
      require: required,
      cases: recording === null ? cases : recording.observed(cases),
      mode: args.mode,
      runs: args.runs,
      seed: args.seed,
      session: {
        timeoutMs: args.timeout * 1000,
        ...given({ threads: args.threads, optimization: args.optimization, outputs: args.outputs }),
      },
      tolerance: toleranceOverrides(args),
      strictPlacement: args.strictPlacement ?? false,
      noiseFloor: args.noiseFloor ?? false,
      ...(args.against === undefined ? {} : { against: args.against }),
      ...(args.reduce === undefined ? {} : { reduce: args.reduce }),
      onEvent: listen,
    });
    progress.stop();
    const report = args.shard === undefined ? verified : reportOfShard(verified);
    await recording?.finish(report);
    const refused = refusedEverywhere(report.comparisons.length + report.timings.length, rejections);
    if (refused !== undefined) throw refused;
    await writeReports(report, args);
    if (args.models.length === 2 && args.against === undefined) tellOfAgainst(args.models);
    return [EXIT.ok, EXIT.diverged, EXIT.badInput, EXIT.backendMissing][exitCodeOf(report)];
  } finally {
    progress.stop();
    await closeAll(backends);
  }
}

/** Whoever gives two models may mean to compare them. */
function tellOfAgainst([first, second]: readonly string[]): void {
  process.stderr.write(
    `each model was verified by itself; to compare the two: rheobase verify ${second} --against ${first}\n`,
  );
}

/** The baseline belongs to the run whether named among the backends or not. */
function withBaseline(ids: readonly BackendId[], baseline?: string): readonly BackendId[] {
  return [...new Set([...ids, ...(parseBackendList(baseline === undefined ? [] : [baseline]) ?? [])])];
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
