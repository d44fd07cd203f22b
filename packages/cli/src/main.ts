/**
 * The `rheobase` command: reads arguments, calls a package, prints. Results that a program reads go to files or to
 * standard output; progress and errors go to standard error, an error as one line.
 */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import yargs, { type Argv } from 'yargs';
import { benchCommand } from './commands/bench.js';
import { checkCommand } from './commands/check.js';
import { compareActivationsCommand } from './commands/compare-activations.js';
import { conformanceCommand } from './commands/conformance.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { inspectCommand } from './commands/inspect.js';
import { measureCrossoverCommand } from './commands/measure-crossover.js';
import { mergeCommand } from './commands/merge.js';
import { placementCommand } from './commands/placement.js';
import { replayCommand } from './commands/replay.js';
import { sparsifyCommand } from './commands/sparsify.js';
import { sweepCommand } from './commands/sweep.js';
import { trainCommand } from './commands/train.js';
import { verifyCommand } from './commands/verify.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { attachDashes } from './options/standard-output.js';

/** A command's handler answers with the exit code of the process. */
export interface CommandOutcome {
  exitCode: ExitCode;
}

/** Runs one command line. Resolves with the exit code; prints errors itself and never rejects. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const outcome: CommandOutcome = { exitCode: EXIT.ok };
  const verbose = args.includes('--verbose');
  try {
    await commandLine(attachDashes(args), outcome).parseAsync();
    return outcome.exitCode;
  } catch (error) {
    process.stderr.write(`rheobase: ${describe(error, verbose)}\n`);
    return exitCodeOf(error);
  }
}

function commandLine(args: readonly string[], outcome: CommandOutcome): Argv {
  return yargs([...args])
    .scriptName('rheobase')
    .usage('$0 <command>\n\nThreshold activation on ONNX Runtime: export, run everywhere, compare, time.')
    .command(doctorCommand(outcome))
    .command(exportCommand(outcome))
    .command(trainCommand(outcome))
    .command(compareActivationsCommand(outcome))
    .command(sparsifyCommand(outcome))
    .command(measureCrossoverCommand(outcome))
    .command(verifyCommand(outcome))
    .command(replayCommand(outcome))
    .command(mergeCommand(outcome))
    .command(benchCommand(outcome))
    .command(inspectCommand(outcome))
    .command(checkCommand(outcome))
    .command(placementCommand(outcome))
    .command(conformanceCommand(outcome))
    .command(sweepCommand(outcome))
    .demandCommand(1, 'name a command')
    .option('verbose', { type: 'boolean', default: false, describe: 'Show stack traces of errors', global: true })
    .strict()
    .recommendCommands()
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .fail((message, error, parser) => {
      if (error) throw error;
      const command = args.find((word) => !word.startsWith('-'));
      const known = command !== undefined && message !== `Unknown argument: ${command}` ? ` ${command}` : '';
      throw badInput(lowerFirst(message ?? parser.toString()), { remedy: `see rheobase${known} --help` });
    });
}

function describe(error: unknown, verbose: boolean): string {
  if (verbose && error instanceof Error) return error.stack ?? error.message;
  return error instanceof Error ? error.message.replace(/\s*\n\s*/g, ' ') : String(error);
}

function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof RheobaseError)) return EXIT.badInput;
  return error.code === 'unavailable' || error.code === 'crashed' || error.code === 'timeout'
    ? EXIT.backendMissing
    : EXIT.badInput;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
