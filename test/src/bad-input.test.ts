/** Bad input to the command: exit code 2, one line that says what and where, and nothing already written is touched. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, encodeModel, input, op, recipeModel } from '@rheobase/exporter';
import { encodeNpy, encodeNpz } from '@rheobase/runtime/files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rheobase, scratchFolder } from './command.js';

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);
const CPU = ['--backends', 'node/cpu', '--runs', '0'];

beforeAll(() => {
  const good = encodeModel(recipeModel('mnist-mlp'));
  writeFileSync(at('good.onnx'), good);
  writeFileSync(at('truncated.onnx'), good.subarray(0, 1000));
  writeFileSync(at('text.onnx'), 'this is no model\n');
  writeFileSync(at('empty.onnx'), '');
  writeFileSync(at('foreign-op.onnx'), encodeModel(withUnknownOperator()));
  writeFileSync(at('narrow.onnx'), encodeModel(withNarrowOutput()));
  const image = { dtype: 'float32', shape: [1, 10], data: new Float32Array(10) } as const;
  writeFileSync(at('wrong-shape.npy'), encodeNpy(image));
  writeFileSync(
    at('wrong-name.npz'),
    encodeNpz({ picture: { ...image, shape: [1, 784], data: new Float32Array(784) } }),
  );
  writeFileSync(at('damaged.npz'), 'PK not really');
  writeFileSync(at('report.json'), 'kept');
  mkdirSync(at('a-folder'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A model whose operator no runtime has. */
function withUnknownOperator() {
  const x = input('x', 'float32', [1]);
  const model = buildModel({ inputs: [x], outputs: { y: op.relu(x) } });
  const nodes = model.graph.nodes.map((node) => ({ ...node, name: 'strange', opType: 'Frobnicate' }));
  return { ...model, graph: { ...model.graph, nodes } };
}

/** A model whose only output is of a type that JavaScript cannot be given. */
function withNarrowOutput() {
  const x = input('x', 'float32', [4]);
  return buildModel({ inputs: [x], outputs: { y: op.cast(x, 'int4') } });
}

const cases: readonly [what: string, args: readonly string[], says: RegExp][] = [
  ['a missing file', ['verify', at('nowhere.onnx'), ...CPU], /nowhere\.onnx: .*(not exist|no such file)/i],
  ['not an ONNX file', ['verify', at('text.onnx'), ...CPU], /text\.onnx: .*not an ONNX model/],
  ['an empty file', ['verify', at('empty.onnx'), ...CPU], /empty\.onnx: is empty/],
  ['a truncated model', ['verify', at('truncated.onnx'), ...CPU], /truncated\.onnx: .*(truncated|cut)/],
  ['a folder', ['verify', folder, ...CPU], /is a folder/],
  ['an operator nobody has', ['verify', at('foreign-op.onnx'), ...CPU], /foreign-op\.onnx: .*Frobnicate/],
  [
    'outputs that JavaScript has no type for',
    ['verify', at('narrow.onnx'), ...CPU],
    /narrow\.onnx: y: int4: .*can carry none/,
  ],
  [
    'a wrongly shaped input',
    ['verify', at('good.onnx'), '--inputs', at('wrong-shape.npy'), ...CPU],
    /input x: takes shape \[batch,\s?784\], got \[1,\s?10\]/,
  ],
  ['a missing input', ['verify', at('good.onnx'), '--inputs', at('wrong-name.npz'), ...CPU], /picture/],
  ['a damaged npz', ['verify', at('good.onnx'), '--inputs', at('damaged.npz'), ...CPU], /damaged\.npz: /],
  [
    'an unknown backend',
    ['verify', at('good.onnx'), '--backends', 'node/tpu'],
    /unknown backend "node\/tpu"; known are node\/cpu/,
  ],
  ['an unknown dimension', ['verify', at('good.onnx'), '--dim', 'bach=4', ...CPU], /bach.*batch/],
  [
    'a malformed dimension',
    ['verify', at('good.onnx'), '--dim', 'batch', ...CPU],
    /--dim: "batch" is no dimension; write it as batch=4/,
  ],
  [
    'an output in no folder',
    ['verify', at('good.onnx'), '--json', at('no/such/place.json'), ...CPU],
    /place\.json: cannot be written/,
  ],
  [
    'an output that is a folder',
    ['verify', at('good.onnx'), '--json', at('a-folder'), ...CPU],
    /a-folder: is a folder/,
  ],
  [
    'an unknown option',
    ['verify', at('good.onnx'), '--jsno', 'x'],
    /unknown argument.*jsno; see rheobase verify --help/i,
  ],
  ['no command', [], /name a command/],
  [
    'an unknown recipe',
    ['export', 'mnist-mpl', '-o', at('x.onnx')],
    /no recipe is called "mnist-mpl"; choose mnist-mlp/,
  ],
  [
    'an inexact lowering',
    ['export', 'mnist-mlp', '--lowering', 'multiply', '-o', at('x.onnx')],
    /multiply.*not be the same function/,
  ],
  ['a missing output name', ['export', 'mnist-mlp'], /out/],
  ['inspecting no model', ['inspect', at('text.onnx')], /text\.onnx: .*not an ONNX model/],
];

describe('bad input to the command', () => {
  it.each(cases)('%s', async (_what, args, says) => {
    const { code, stdout, stderr } = await rheobase(args);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('leaves what was written before', async () => {
    const { code } = await rheobase(['verify', at('truncated.onnx'), '--json', at('report.json'), ...CPU]);
    expect(code).toBe(2);
    expect(readFileSync(at('report.json'), 'utf8')).toBe('kept');
    expect(existsSync(at('x.onnx'))).toBe(false);
  });

  it('shows a stack trace with --verbose alone', async () => {
    const { stderr } = await rheobase(['inspect', at('text.onnx'), '--verbose']);
    expect(stderr).toMatch(/^\s+at /m);
  });
});
