/** `rheobase check`: what is wrong with a model, and which nodes a backend's provider will not run. */
import { checkModel, MEASURED_BACKENDS, MEASURED_RUNTIME, measuredAs, type Problem } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { readModelFile } from '@rheobase/exporter/node';
import type { CommandModule } from 'yargs';
import { parseBackendList } from '../backends.js';
import { EXIT } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { requireWritable, writeOutput } from '../output.js';

interface CheckArguments {
  model: string;
  target?: string[];
  json?: string;
}

export function checkCommand(outcome: CommandOutcome): CommandModule<object, CheckArguments> {
  return {
    command: 'check <model>',
    describe: 'Look for faults in an ONNX model, and for nodes that a backend hands to the CPU',
    builder: (yargs) =>
      yargs
        .positional('model', { type: 'string', demandOption: true, describe: 'An ONNX file' })
        .option('target', {
          type: 'string',
          array: true,
          describe: `Backends whose placement to check (measured on ONNX Runtime ${MEASURED_RUNTIME}: ${MEASURED_BACKENDS.join(', ')})`,
        })
        .option('json', { type: 'string', describe: 'Write the problems to this file (- for standard output)' })
        .example('$0 check model.onnx', 'Structure, types, shapes, names')
        .example('$0 check model.onnx --target node/webgpu,chromium/webgpu', 'And what would not run on the GPU')
        .epilogue('Exit code: 0 no errors (warnings may be), 1 errors, 2 bad input.'),
    handler: async (args) => {
      requireWritable(args.json);
      const targets = parseBackendList(args.target) ?? [];
      requireMeasured(targets);
      const model = await readModelFile(args.model);
      const problems = checkModel(model, { targets });
      await writeOutput(args.json, () => `${JSON.stringify({ schema: 'rheobase/check@1', problems }, null, 2)}\n`);
      if (args.json !== '-') process.stdout.write(render(args.model, problems));
      outcome.exitCode = problems.some(({ severity }) => severity === 'error') ? EXIT.diverged : EXIT.ok;
    },
  };
}

function requireMeasured(targets: readonly string[]): void {
  const unmeasured = targets.find((id) => measuredAs(id) === undefined);
  if (unmeasured === undefined) return;
  throw badInput(`no placement was measured for ${unmeasured}`, {
    where: '--target',
    remedy: `measured are ${MEASURED_BACKENDS.join(', ')}; measure it with rheobase placement --backends ${unmeasured}`,
  });
}

function render(path: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ severity, rule, node, message }) => {
    const place = node === null ? '' : `node ${node}: `;
    return `${severity.padEnd(7)}  ${place}${message}  (${rule})`;
  });
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return `${[...lines, `${path}: ${counted(errors, 'error')}, ${counted(problems.length - errors, 'warning')}`].join('\n')}\n`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
