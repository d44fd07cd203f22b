/** `rheobase bench`: which of two models is faster, on every backend. */
import { bench, benchExitCode } from '@rheobase/harness';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { BACKEND_OPTIONS, type BackendArguments, chosenBackends, closeAll } from '../options/backends.js';
import { CASE_OPTIONS, type CaseArguments, caseSource } from '../options/cases.js';
import { grouped } from '../options/groups.js';
import { parseCounts, requireCount, requirePositive } from '../options/numbers.js';
import { given, OPTIMIZATION_OPTION, type Optimization } from '../options/session.js';
import { TIMING_OPTIONS, type TimingArguments } from '../options/timing.js';
import { requireWritable, writeOutput } from '../output.js';
import { benchProgress } from '../terminal/bench-progress.js';
import { renderBench } from '../terminal/bench-table.js';

interface BenchArguments extends BackendArguments, CaseArguments, TimingArguments {
  a: string;
  b: string;
  runs: number;
  launches: number;
  threads?: string[];
  optimization?: Optimization;
  json?: string;
}

export function benchCommand(outcome: CommandOutcome): CommandModule<object, BenchArguments> {
  return {
    command: 'bench <a> <b>',
    describe: 'Time two ONNX models against each other on every backend',
    builder,
    handler: async (args) => {
      outcome.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv): Argv<BenchArguments> {
  const options = yargs
    .positional('a', { type: 'string', demandOption: true, describe: 'An ONNX file' })
    .positional('b', { type: 'string', demandOption: true, describe: 'Another one that takes the same inputs' })
    .options(BACKEND_OPTIONS)
    .options(CASE_OPTIONS)
    .option('runs', { type: 'number', default: 30, describe: 'Timed runs per case and model, at least' })
    .option('launches', {
      type: 'number',
      default: 6,
      describe: 'How often both are loaded anew: the interval is over these, since launches differ',
    })
    .option('threads', {
      type: 'string',
      array: true,
      describe: 'Threads, e.g. 1,2: each is timed by itself; default ONNX Runtime’s own choice',
    })
    .option('optimization', OPTIMIZATION_OPTION)
    .options(TIMING_OPTIONS)
    .option('json', { type: 'string', describe: 'Write the report as JSON (- for standard output)' });
  return grouped(options, {
    Where: [BACKEND_OPTIONS, 'threads', 'optimization'],
    Inputs: [CASE_OPTIONS],
    Timing: [TIMING_OPTIONS, 'runs', 'launches'],
    Reports: ['json'],
  })
    .example('$0 bench dense.onnx sparse.onnx', 'Random input on the six standard backends')
    .example('$0 bench a.onnx b.onnx --backends node/cpu --threads 1,2 --dim batch=64', 'With one thread and with two')
    .example('$0 bench a.onnx b.onnx --mode throughput', 'Runs a second, back to back')
    .example('$0 bench a.onnx b.onnx --inputs images.npz', 'Real input: an npz whose keys are the names of inputs')
    .example('$0 bench a.onnx b.onnx --sweep batch=1,8,64 --range x=0:1', 'Three batch sizes, x uniform in a range')
    .example('$0 bench dense.onnx sparse.onnx --dist x=normal:0:2 --cases 4', 'Four cases of another distribution')
    .example('$0 bench a.onnx b.onnx --backends chromium/webgpu --outputs device', 'Without the transfer of outputs')
    .epilogue('Exit code: 0 timed, 2 bad input, 3 a required backend is missing, one failed, or there was none.');
}

async function run(args: BenchArguments): Promise<ExitCode> {
  const { ids, required } = chosenBackends(args);
  requirePositive('timeout', args.timeout);
  requireCount('runs', args.runs);
  requireCount('launches', args.launches);
  const threads = parseCounts('threads', args.threads);
  requireWritable(args.json);
  const cases = await caseSource(args);

  const backends = ids.map((id) => createBackend(id, args.timeout));
  const progress = benchProgress(backends.length, Math.max(1, threads.length));
  try {
    const report = await bench({
      a: args.a,
      b: args.b,
      backends,
      require: required,
      cases,
      mode: args.mode,
      runs: args.runs,
      launches: args.launches,
      threads,
      session: given({ optimization: args.optimization, outputs: args.outputs }),
      seed: args.seed,
      timeoutMs: args.timeout * 1000,
      onEvent: progress.onEvent,
    });
    progress.stop();
    await writeOutput(args.json, () => `${JSON.stringify(report, null, 2)}\n`);
    if (args.json !== '-') process.stdout.write(renderBench(report));
    return benchExitCode(report) === 0 ? EXIT.ok : EXIT.backendMissing;
  } finally {
    progress.stop();
    await closeAll(backends);
  }
}
