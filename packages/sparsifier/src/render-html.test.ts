import { expect, it } from 'vitest';
import { renderSparsifyHtml } from './render-html.js';
import type { SparsifyReport } from './report.js';

const report: SparsifyReport = {
  schema: 'rheobase/sparsify@1',
  layers: [{ node: 'hidden<1>', theta: 0.25, sparsity: 0.9, lowering: 'adaptive', outputError: 0.01 }],
  sparsity: 0.9,
  accuracy: { before: 0.98, after: 0.97 },
  executionError: 2e-7,
  deadNeurons: 3,
  unreadNeurons: 2,
  removedNeurons: 0,
  sweep: [
    { sparsity: 0.5, outputError: 0, accuracy: 0.98, speed: 1.1 },
    { sparsity: 0.9, outputError: 0.02, accuracy: 0.97, speed: 3.2 },
  ],
  products: [
    {
      ...{ node: 'down', inner: 1000, outer: 250, active: 100, lowering: 'adaptive', parameters: { crossover: 300 } },
      operations: { dense: 500_000, sparse: 50_000 },
      weightBytes: { dense: 1_000_000, sparse: 100_000 },
      predicted: { denseMs: 0.5, ms: 0.1 },
      savedMs: 0.35,
    },
  ],
  measured: { denseMs: 0.6, ms: 0.2, speed: 3 },
  warnings: ['up: a batch of <8>'],
};
const page = renderSparsifyHtml(report, 'model & co');

it('shows what was found, with names that break no markup', () => {
  expect(page).toContain('<td>hidden&#60;1&#62;</td><td>0.2500</td><td>90.0 %</td><td>adaptive</td><td>1.0 %</td>');
  expect(page).toContain('<h1>model &#38; co</h1>');
  expect(page).toContain('Accuracy 98.0 % → 97.0 %.');
});

it('tells operations, bytes of weights, and those read, and warns', () => {
  expect(page).toContain('<td>adaptive (crossover 300)</td>');
  expect(page).toContain('Sparse execution alone changes the output by 2.0e-7, relatively.');
  expect(page).toContain('<td>0.500 M</td><td>0.050 M</td><td>1.00 MB</td><td>0.10 MB</td><td>0.500 ms</td>');
  expect(page).toContain('<td>0.400 ms</td><td>0.350 ms</td>');
  expect(page).toContain('0.200 ms, with dense products 0.600 ms: 3.00 × the speed, measured');
  expect(page).toContain('<p class="warning">up: a batch of &#60;8&#62;</p>');
});

it('draws accuracy, error and speed, and needs no script', () => {
  expect(page.match(/<polyline/g)).toHaveLength(3);
  expect(page).toContain('90.0 % silent: speed 3.20 ×');
  expect(
    renderSparsifyHtml({ ...report, sweep: report.sweep.map((point) => ({ ...point, speed: null })) }, '').match(
      /<polyline/g,
    ),
  ).toHaveLength(2);
  expect(page).not.toContain('<script');
});
