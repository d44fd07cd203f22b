import { expect, it } from 'vitest';
import { renderSparsifyHtml } from './render-html.js';

const page = renderSparsifyHtml(
  {
    report: {
      schema: 'rheobase/sparsify@1',
      layers: [{ node: 'hidden<1>', theta: 0.25, sparsity: 0.9, lowering: 'adaptive', outputError: 0.01 }],
      sparsity: 0.9,
      accuracy: { before: 0.98, after: 0.97 },
      deadNeurons: 3,
    },
    sweep: [
      { sparsity: 0.5, error: 0, accuracy: 0.98 },
      { sparsity: 0.9, error: 0.02, accuracy: 0.97 },
    ],
    products: [
      {
        product: {
          node: 'down',
          opType: 'MatMul',
          activation: 'h',
          activationShape: null,
          inner: 1000,
          outer: 250,
          gated: null,
        },
        active: 100,
        lowering: { kind: 'adaptive' },
        predicted: { denseMs: 0.5, ms: 0.1 },
      },
    ],
    removedNeurons: 0,
  },
  'model & co',
);

it('shows what was found, with names that break no markup', () => {
  expect(page).toContain('<td>hidden&#60;1&#62;</td><td>0.2500</td><td>90.0 %</td><td>adaptive</td><td>1.0 %</td>');
  expect(page).toContain('<h1>model &#38; co</h1>');
  expect(page).toContain('Accuracy 98.0 % → 97.0 %.');
});

it('tells the bytes of weights, and those read', () => {
  expect(page).toContain('<td>1.00 MB</td><td>0.10 MB</td><td>0.500 ms</td><td>0.100 ms</td>');
});

it('draws both curves, and needs no script', () => {
  expect(page.match(/<polyline/g)).toHaveLength(2);
  expect(page).not.toContain('<script');
});
