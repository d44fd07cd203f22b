import { describe, expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import { sequential } from '../layers/index.js';
import { tensor } from '../tensor/index.js';
import { RECIPES, type RecipeName, recipeLayers, recipeModel } from './recipes.js';

const GATED_CONV = ['Conv', 'Relu', 'Greater', 'Where', 'MaxPool'];

const NODES: Record<RecipeName, string[]> = {
  'mnist-mlp': ['Gemm', 'Relu', 'Greater', 'Where', 'Gemm', 'Softmax'],
  'mnist-mlp-wide': ['Gemm', 'Relu', 'Greater', 'Where', 'Gemm', 'Relu', 'Greater', 'Where', 'Gemm', 'Softmax'],
  'mnist-cnn': [
    ...['Reshape', ...GATED_CONV, ...GATED_CONV, 'Flatten'],
    ...['Gemm', 'Relu', 'Greater', 'Where', 'Gemm', 'Softmax'],
  ],
};

describe.each(Object.keys(RECIPES) as RecipeName[])('%s', (name) => {
  const model = recipeModel(name, { seed: 7 });

  it('is the network it says it is', () => {
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(NODES[name]);
    expect(model.graph.inputs.map(({ name: input, type }) => [input, type])).toEqual([
      ['x', { kind: 'tensor', dtype: 'float32', shape: ['batch', 784] }],
    ]);
    expect(model.graph.outputs[0].type).toEqual({ kind: 'tensor', dtype: 'float32', shape: ['batch', 10] });
    expect(model.metadata).toEqual({ recipe: name, seed: '7' });
  });

  it('gives probabilities', async () => {
    const x = tensor(
      'float32',
      [3, 784],
      Float32Array.from({ length: 3 * 784 }, (_, index) => (index % 7) / 7),
    );
    const { probabilities } = await runOnCpu(model, { x });
    const rows = [0, 1, 2].map((row) => Array.from(probabilities.data as Float32Array).slice(row * 10, row * 10 + 10));
    for (const row of rows) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('has the parameters that its layers have', () => {
    const { parameters } = sequential(recipeLayers(name)).build(RECIPES[name]);
    const initializers = new Set(model.graph.initializers.map((initializer) => initializer.name));
    expect(parameters.filter((parameter) => !initializers.has(parameter.name))).toEqual([]);
  });
});

it('takes what each threshold shall be', () => {
  const threshold = { threshold: 0.5, activation: 'identity', lowering: 'thresholdedRelu' } as const;
  const types = recipeModel('mnist-mlp', { threshold }).graph.nodes.map(({ opType }) => opType);
  expect(types).toEqual(['Gemm', 'Relu', 'ThresholdedRelu', 'Gemm', 'Softmax']);
});

it('refuses a name that is none', () => {
  expect(() => recipeModel('toString')).toThrow("no recipe is called 'toString'; choose mnist-mlp or mnist-mlp-wide");
});
