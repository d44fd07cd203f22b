import { describe, expect, it } from 'vitest';
import { cpuWithProfile } from '../../test/profiling-backend.js';
import { opTypes, sketch } from '../../test/sketch.js';
import { thresholdActivation } from '../activation/index.js';
import { OPERATOR_TYPES, operatorAt } from '../analysis/registry.js';
import { buildModel, input } from '../builder/index.js';
import { checkModel } from '../check/check-model.js';
import { measurePlacement } from './measure-placement.js';
import { probeModel, probesFor } from './probe.js';
import { MEASURED_BACKENDS, providerOf } from './provider-of.js';
import { decodePlacements, encodePlacements, lookUp, type MeasuredPlacement } from './table.js';

/** Facts of ONNX Runtime 1.30 that were known before the table was measured. */
const KNOWN = [
  ['node/webgpu', 'ThresholdedRelu', 22, 'cpu'],
  ['node/webgpu', 'ThresholdedRelu', 21, 'native'],
  ['node/webgpu', 'Elu', 22, 'cpu'],
  ['node/webgpu', 'Elu', 21, 'native'],
  ...[13, 21, 22].flatMap((opset) => [
    ['node/webgpu', 'NonZero', opset, 'cpu'] as const,
    ['node/webgpu', 'Compress', opset, 'cpu'] as const,
    ['node/webgpu', 'Greater', opset, 'native'] as const,
    ['node/webgpu', 'Where', opset, 'native'] as const,
    ['node/webgpu', 'Relu', opset, 'native'] as const,
    ['node/webgpu', 'TopK', opset, 'native'] as const,
    ['node/webgpu', 'Gather', opset, 'native'] as const,
    ['node/cpu', 'ThresholdedRelu', opset, 'native'] as const,
    ['node/wasm', 'NonZero', opset, 'native'] as const,
  ]),
] as const;

describe('the shipped table', () => {
  it.each(KNOWN)('%s runs %s of opset %i: %s', (backend, opType, opset, placement) => {
    expect(providerOf(backend, opType, opset, 'float32')).toBe(placement);
  });

  it('covers the operators of opsets 13 to 22 that have inputs', () => {
    const existing = OPERATOR_TYPES.filter((opType) => {
      const version = operatorAt(opType, 22);
      return version !== undefined && !version.deprecated && version.inputs.length > 0;
    });
    const lacking = existing.filter((opType) => probesFor({ operators: [opType], opsets: [22] }).length === 0);
    // It decodes whole image files.
    expect(lacking).toEqual(['ImageDecoder']);
    for (const backend of MEASURED_BACKENDS) {
      const unmeasured = existing.filter(
        (opType) =>
          !lacking.includes(opType) &&
          ['float32', 'int64', 'uint8', 'bool', 'string', null].every(
            (dtype) => providerOf(backend, opType, 22, dtype as 'float32' | null) === 'unmeasured',
          ),
      );
      expect([backend, unmeasured]).toEqual([backend, []]);
    }
  });

  it('is what the installed runtime does on the CPU', async () => {
    const { placements, failed } = await measurePlacement(cpuWithProfile, {
      opsets: [13, 22],
      dtypes: ['float32', 'int64'],
    });
    expect(failed).toEqual([]);
    const differing = placements.filter(({ opType, from, dtype, placement }) => {
      return providerOf('node/cpu', opType, Math.max(from, 13), dtype) !== placement;
    });
    expect(differing).toEqual([]);
    expect(placements.length).toBeGreaterThan(300);
  }, 300_000);
});

describe('probes', () => {
  it('have the operator under test among their nodes, fed from graph inputs where it takes any', () => {
    for (const probe of probesFor({})) {
      const { model, feeds } = probeModel(probe);
      expect(opTypes(model)).toContain(probe.opType);
      expect(Object.keys(feeds)).toEqual(model.graph.inputs.map(({ name }) => name));
    }
  });

  it('are sound models', () => {
    const unsound = probesFor({}).flatMap((probe) =>
      checkModel(probeModel(probe).model)
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, message }) => `${probe.opType} ${probe.since} ${probe.dtype}: ${rule}: ${message}`),
    );
    expect(unsound).toEqual([]);
  });
});

describe('the compact form', () => {
  const rows: MeasuredPlacement[] = [
    { opType: 'Elu', from: 6, dtype: 'float32', placement: 'native' },
    { opType: 'Elu', from: 6, dtype: 'float64', placement: 'none' },
    { opType: 'Elu', from: 22, dtype: 'float32', placement: 'cpu' },
    { opType: 'If', from: 13, dtype: null, placement: 'native' },
  ];
  const table = { runtimeVersion: '0', backends: { 'node/webgpu': encodePlacements(rows) } };

  it('loses nothing', () => {
    const decoded = Object.entries(table.backends['node/webgpu']).flatMap(([opType, text]) =>
      decodePlacements(opType, text),
    );
    expect(decoded).toEqual(rows);
  });

  it.each([
    ['Elu', 21, 'float32', 'native'],
    ['Elu', 22, 'float32', 'cpu'],
    ['Elu', 21, 'float64', 'none'],
    ['Elu', 21, 'float16', 'unmeasured'],
    ['Elu', 22, null, 'cpu'],
    ['Elu', 21, null, 'unmeasured'],
    ['If', 13, 'bool', 'native'],
    ['If', 16, null, 'unmeasured'],
    ['Relu', 21, 'float32', 'unmeasured'],
  ] as const)('%s of opset %i on %s: %s', (opType, opset, dtype, placement) => {
    expect(lookUp(table, 'node/webgpu', opType, opset, dtype)).toBe(placement);
  });

  it('an operator that is expanded may change between its versions', () => {
    const text = encodePlacements([
      { opType: 'PRelu', from: 16, dtype: 'int64', placement: 'native' },
      { opType: 'PRelu', from: 16, dtype: 'float32', placement: 'native' },
      { opType: 'PRelu', from: 18, dtype: 'int64', placement: 'none' },
    ]);
    const measured = { runtimeVersion: '0', backends: { 'node/cpu': text } };
    const at = (opset: number, dtype: 'int64' | 'float32') => lookUp(measured, 'node/cpu', 'PRelu', opset, dtype);
    expect([at(17, 'int64'), at(18, 'int64'), at(21, 'int64'), at(21, 'float32')]).toEqual([
      'native',
      'none',
      'none',
      'native',
    ]);
  });

  it('knows nothing of a backend it does not have', () => {
    expect(lookUp(table, 'node/cuda', 'Elu', 21, 'float32')).toBe('unmeasured');
  });
});

describe('the automatic lowering of a threshold', () => {
  const choices = MEASURED_BACKENDS.flatMap((target) => [13, 17, 21, 22, 26].map((opset) => ({ target, opset })));
  it.each(choices)('takes ThresholdedRelu just where the table has it: $target, opset $opset', ({ target, opset }) => {
    const x = input('x', 'float32', ['n', 4]);
    const y = thresholdActivation(x, { threshold: 0.5, lowering: 'auto', target, opset });
    const single = opTypes(buildModel({ inputs: [x], outputs: { y }, opset })).includes('ThresholdedRelu');
    expect(single).toBe(providerOf(target, 'ThresholdedRelu', opset, 'float32') === 'native');
  });
});

describe('checkModel with targets', () => {
  const model = (opset: number, node = 'y = ThresholdedRelu(x) alpha=0.5', dtype = 'float32') =>
    sketch(`input x ${dtype} [n,4]\n ${node}\n output y ${dtype} [n,4]`, { opset });

  it('warns of each node that the provider leaves to the CPU', () => {
    expect(checkModel(model(22), { targets: ['node/webgpu', 'node/cpu'] })).toEqual([
      {
        severity: 'warning',
        rule: 'placement',
        node: 'ThresholdedRelu_y',
        message: expect.stringMatching(
          /node\/webgpu leaves ThresholdedRelu of opset 22 on float32 .* to the CPU; that of opset 21/,
        ),
      },
    ]);
    expect(checkModel(model(21), { targets: ['node/webgpu', 'node/cpu', 'node/wasm'] })).toEqual([]);
  });

  it('has an error for a node that the runtime refuses', () => {
    const problems = checkModel(model(21, 'y = Elu(x)', 'float64'), { targets: ['node/cpu'] });
    expect(problems).toMatchObject([{ severity: 'error', rule: 'placement', node: 'Elu_y' }]);
  });

  it('says where nothing was measured', () => {
    expect(checkModel(model(21), { targets: ['node/coreml'] })).toMatchObject([
      { severity: 'warning', rule: 'placement', node: null },
    ]);
  });
});
