/** `rheobase export`: an ONNX file from a named recipe or from a module of one's own. */
import {
  ACTIVATIONS,
  type ActivationName,
  badInput,
  type Comparison,
  type Lowering,
  type Model,
  modelInfo,
  RECIPES,
  recipeModel,
} from '@rheobase/exporter';
import { importModule, madeByModule, writeModelFile } from '@rheobase/exporter/node';
import type { CommandModule } from 'yargs';
import type { CommandOutcome } from '../main.js';
import { requireWritable } from '../output.js';

interface ExportArguments {
  source: string;
  out: string;
  activation: ActivationName;
  threshold: number;
  comparison: Comparison;
  lowering: Lowering;
  force: boolean;
  opset?: number;
  seed: number;
}

const COMPARISONS: readonly Comparison[] = ['greater', 'greaterOrEqual', 'magnitude'];
const LOWERINGS: readonly Lowering[] = ['where', 'thresholdedRelu', 'multiply', 'auto'];

export function exportCommand(_outcome: CommandOutcome): CommandModule<object, ExportArguments> {
  return {
    command: 'export <source>',
    describe: 'Write an ONNX model from a recipe or a module',
    builder: (yargs) =>
      yargs
        .positional('source', {
          type: 'string',
          demandOption: true,
          describe: `A recipe (${Object.keys(RECIPES).join(', ')}), or a module whose default export is a model or makes one`,
        })
        .option('out', { alias: 'o', type: 'string', demandOption: true, describe: 'The ONNX file to write' })
        .option('activation', {
          choices: Object.keys(ACTIVATIONS) as ActivationName[],
          default: 'relu' as const,
          describe: 'f of the threshold activation',
        })
        .option('threshold', { type: 'number', default: 0.2, describe: 'θ of the threshold activation' })
        .option('comparison', { choices: COMPARISONS, default: 'greater' as const, describe: 'When a neuron fires' })
        .option('lowering', { choices: LOWERINGS, default: 'where' as const, describe: 'The nodes that compute it' })
        .option('force', { type: 'boolean', default: false, describe: 'Take the lowering even where it is not exact' })
        .option('opset', { type: 'number', describe: 'Version of ai.onnx; default 21' })
        .option('seed', { type: 'number', default: 1, describe: 'Seed of the initial weights' })
        .example('$0 export mnist-mlp -o digits.onnx', 'The digit classifier with initial weights')
        .example('$0 export mnist-mlp --activation elu --threshold 0.5 -o elu.onnx', 'Another f and θ')
        .example('$0 export ./my-model.mjs -o mine.onnx', 'export default buildModel({ … })'),
    handler: async (args) => {
      requireWritable(args.out);
      const model = isRecipe(args.source) ? fromRecipe(args) : await fromModule(args.source);
      await writeModelFile(args.out, model);
      const { nodes, opset } = modelInfo(model);
      process.stderr.write(`${args.out}: ${nodes} nodes, opset ${opset}\n`);
    },
  };
}

function isRecipe(source: string): boolean {
  return Object.hasOwn(RECIPES, source);
}

function fromRecipe({
  source,
  activation,
  threshold,
  comparison,
  lowering,
  force,
  opset,
  seed,
}: ExportArguments): Model {
  return recipeModel(source, {
    threshold: { threshold, activation, comparison, lowering, force },
    seed,
    ...(opset === undefined ? {} : { opset }),
  });
}

/** The module's default export: a model, or a function that makes one. */
async function fromModule(source: string): Promise<Model> {
  if (!/[./\\]/.test(source)) {
    throw badInput(`no recipe is called ${JSON.stringify(source)}`, {
      remedy: `choose ${Object.keys(RECIPES).join(', ')}, or give the path of a module`,
    });
  }
  const model = await madeByModule(source, (await importModule(source)).default);
  if (!isModel(model)) {
    throw badInput('its default export is no model', {
      where: source,
      remedy: 'export default buildModel({ inputs, outputs })',
    });
  }
  return model;
}

function isModel(value: unknown): value is Model {
  return typeof value === 'object' && value !== null && 'graph' in value && 'opsets' in value;
}
