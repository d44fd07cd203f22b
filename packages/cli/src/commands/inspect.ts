/** `rheobase inspect`: what is in a model, without running it. */
import type { Model, ModelInfo, ValueSummary, ValueType } from '@rheobase/exporter';
import { allTensors, externalLocations, modelInfo, printModel, sizeOf } from '@rheobase/exporter';
import { readModelFile } from '@rheobase/exporter/node';
import type { CommandModule } from 'yargs';
import type { CommandOutcome } from '../main.js';
import { writeOutput } from '../output.js';
import { table } from '../terminal/table.js';

interface InspectArguments {
  model: string;
  nodes: boolean;
  text: boolean;
  json?: string;
}

export function inspectCommand(_outcome: CommandOutcome): CommandModule<object, InspectArguments> {
  return {
    command: 'inspect <model>',
    describe: 'Show inputs, outputs, operators and weights of an ONNX model',
    builder: (yargs) =>
      yargs
        .positional('model', { type: 'string', demandOption: true, describe: 'An ONNX file' })
        .option('nodes', { type: 'boolean', default: false, describe: 'List every node' })
        .option('text', { type: 'boolean', default: false, describe: 'Print the model in ONNX’s textual syntax' })
        .option('json', { type: 'string', describe: 'Write the summary to this file (- for standard output)' })
        .example('$0 inspect model.onnx', 'Show a summary')
        .example('$0 inspect model.onnx --text', 'Every node, as ONNX writes it')
        .example('$0 inspect model.onnx --json -', 'The same for a script'),
    handler: async (args) => {
      const model = await readModelFile(args.model);
      const summary = summarize(args.model, model);
      await writeOutput(args.json, () => `${JSON.stringify(summary, null, 2)}\n`);
      if (args.json === '-') return;
      process.stdout.write(args.text ? `${printModel(model)}\n` : render(model, summary, args.nodes));
    },
  };
}

interface Summary {
  readonly schema: 'rheobase/inspect@1';
  readonly path: string;
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly inputs: readonly ValueRow[];
  readonly outputs: readonly ValueRow[];
  readonly nodes: number;
  readonly operators: Readonly<Record<string, number>>;
  readonly functions: readonly string[];
  readonly parameters: number;
  readonly externalFiles: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

interface ValueRow {
  readonly name: string;
  readonly type: string;
}

function summarize(path: string, model: Model): Summary {
  const info: ModelInfo = modelInfo(model);
  return {
    schema: 'rheobase/inspect@1',
    path,
    irVersion: model.irVersion,
    opsets: Object.fromEntries(Object.entries(model.opsets).map(([domain, version]) => [domain || 'ai.onnx', version])),
    producer: [model.producerName, model.producerVersion].filter((part) => part !== '').join(' '),
    inputs: info.inputs.map(valueRow),
    outputs: info.outputs.map(valueRow),
    nodes: info.nodes,
    operators: countOperators(model),
    functions: model.functions.map(({ domain, name }) => `${domain}.${name}`),
    parameters: [...allTensors(model)].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    externalFiles: externalLocations(model),
    metadata: model.metadata,
  };
}

function valueRow({ name, type }: ValueSummary): ValueRow {
  return { name, type: typeText(type) };
}

function typeText(type: ValueType): string {
  switch (type.kind) {
    case 'tensor':
    case 'sparseTensor': {
      const shape = type.shape === null ? 'any shape' : `[${type.shape.map((dim) => dim ?? '?').join(', ')}]`;
      return `${type.kind === 'tensor' ? '' : 'sparse '}${type.dtype} ${shape}`;
    }
    case 'sequence':
    case 'optional':
      return `${type.kind} of ${typeText(type.element)}`;
    case 'map':
      return `map from ${type.key} to ${typeText(type.value)}`;
    case 'unknown':
      return 'unknown type';
  }
}

/** Operators of the main graph, the commonest first. */
function countOperators(model: Model): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { domain, opType } of model.graph.nodes) {
    const name = domain === '' ? opType : `${domain}.${opType}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)));
}

function render(model: Model, summary: Summary, listNodes: boolean): string {
  const opsets = Object.entries(summary.opsets).map(([domain, version]) => `${domain} ${version}`);
  const facts = [
    ['model', summary.path],
    ['format', `IR ${summary.irVersion}, opset ${opsets.join(', ')}`],
    ['producer', summary.producer || 'not told'],
    ...summary.inputs.map(({ name, type }) => ['input', `${name}: ${type}`]),
    ...summary.outputs.map(({ name, type }) => ['output', `${name}: ${type}`]),
    ['parameters', summary.parameters.toLocaleString('en')],
    ['nodes', String(summary.nodes)],
    ...summary.functions.map((name) => ['function', name]),
    ...summary.externalFiles.map((file) => ['external data', file]),
    ...Object.entries(summary.metadata).map(([key, value]) => ['metadata', `${key}: ${value}`]),
  ];
  const operators = table(
    ['operator', 'nodes'],
    Object.entries(summary.operators).map(([name, count]) => [name, String(count)]),
  );
  const head = facts.map(([label, text]) => `${label.padEnd(14)}${text}`).join('\n');
  return `${head}\n\n${operators}${listNodes ? `\n${nodeList(model)}` : ''}`;
}

function nodeList(model: Model): string {
  const rows = model.graph.nodes.map(({ name, opType, inputs, outputs }) => [
    name || '(no name)',
    opType,
    inputs.map((input) => input || '—').join(', '),
    outputs.join(', '),
  ]);
  return table(['node', 'operator', 'inputs', 'outputs'], rows);
}
