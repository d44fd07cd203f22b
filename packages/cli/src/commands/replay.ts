/** `rheobase replay`: the backends of this machine against a run recorded on another. */
import { exitCodeOf, replay } from '@rheobase/harness';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { BACKEND_OPTIONS, type BackendArguments, chosenBackends, closeAll } from '../options/backends.js';
import { requireCount, requirePositive } from '../options/numbers.js';
import { REPORT_OPTIONS, type ReportArguments, requireReportsWritable, writeReports } from '../options/reports.js';
import { given } from '../options/session.js';
import { TIMING_OPTIONS, type TimingArguments } from '../options/timing.js';
import { verifyProgress } from '../terminal/verify-progress.js';

interface ReplayArguments extends BackendArguments, TimingArguments, ReportArguments {
  run: string;
  baseline?: string;
  runs: number;
}

export function replayCommand(outcome: CommandOutcome): CommandModule<object, ReplayArguments> {
  return {
    command: 'replay <run>',
    describe: 'Compare backends with a run that verify --save has recorded, here or elsewhere',
    builder,
    handler: async (args) => {
      outcome.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv): Argv<ReplayArguments> {
  return yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'The folder that verify --save has written' })
    .options(BACKEND_OPTIONS)
    .option('baseline', { type: 'string', describe: 'Which recorded backend to compare with; default that of the run' })
    .option('runs', { type: 'number', default: 30, describe: 'Timed runs per case at least; 0 times nothing' })
    .options(TIMING_OPTIONS)
    .options(REPORT_OPTIONS)
    .example('$0 replay run/', 'The standard backends of this machine against the recorded baseline')
    .example('$0 replay run/ --backends node/cuda --require node/cuda --json cuda.json', 'A CUDA machine in CI')
    .epilogue('Exit code: 0 agree, 1 diverge, 2 bad input, 3 a required backend is missing or a backend failed.');
}

async function run(args: ReplayArguments): Promise<ExitCode> {
  const { ids, required } = chosenBackends(args);
  requirePositive('timeout', args.timeout);
  requireCount('runs', args.runs, 0);
  requireReportsWritable(args);
  const backends = ids.map((id) => createBackend(id, args.timeout));
  const progress = verifyProgress(backends.length);
  try {
    const report = await replay({
      folder: args.run,
      backends,
      require: required,
      mode: args.mode,
      runs: args.runs,
      session: { timeoutMs: args.timeout * 1000, ...given({ outputs: args.outputs }) },
      onEvent: progress.onEvent,
      ...(args.baseline === undefined ? {} : { baseline: args.baseline }),
    });
    progress.stop();
    await writeReports(report, args);
    return [EXIT.ok, EXIT.diverged, EXIT.badInput, EXIT.backendMissing][exitCodeOf(report)];
  } finally {
    progress.stop();
    await closeAll(backends);
  }
}
