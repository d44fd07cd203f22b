/** A gathering of sightings as a finding of the report, and as a bundle that anyone can replay. */
import type { BackendId } from '@rheobase/runtime';
import type { Bundle, BundleSide } from '../reduce/index.js';
import type { Environment } from '../report/verify-report.js';
import { defaultTolerance } from '../tolerances/index.js';
import type { Outcome } from './contender.js';
import { elementsText, elementText, numberText } from './element-text.js';
import type { Shrunk } from './shrink.js';
import type { Gathering, SeenDifference, Sighting } from './sightings.js';
import { modelOf } from './sweep-models.js';
import type { Finding, FindingExample, SweptBackend } from './sweep-report.js';

export function findingOf(gathering: Gathering, sighting: Sighting, bundle: string | null): Finding {
  const { model, difference } = sighting;
  return {
    title: titleOf(sighting),
    operator: model.opType,
    kind: difference.kind,
    backends: [...gathering.backends],
    dtypes: [...gathering.dtypes],
    opsets: [...gathering.opsets],
    values: [...gathering.values],
    forms: [...gathering.forms],
    occurrences: gathering.occurrences,
    latitude: difference.latitude,
    example: exampleOf(sighting),
    replay: replayCommand(gathering, sighting),
    bundle,
  };
}

/** `Relu (float32) on node/webgpu gives 0 for NaN, where node/cpu gives NaN`. */
function titleOf(sighting: Sighting): string {
  const { model, backend, reference, difference } = sighting;
  const operator = `${model.opType}${model.dtype === null ? '' : ` (${model.dtype})`} on ${backend}`;
  const { got, expected } = exampleOf(sighting);
  const where = `for ${inputsText(sighting)}`;
  switch (difference.kind) {
    case 'crash':
      return `${operator} ends the process ${where}`;
    case 'hang':
      return `${operator} does not answer ${where}`;
    case 'error':
      return `${operator} is refused ${where}, where ${reference} runs it`;
    case 'shape':
      return `${operator}: ${got} ${where}`;
    default:
      return `${operator} gives ${got} ${where}, where ${reference} gives ${expected}`;
  }
}

/** Inputs that are few enough to be read in a title; else the form of the operator. */
function inputsText({ feeds, model, values }: Sighting): string {
  const tensors = Object.values(feeds);
  const few = tensors.every(({ data }) => data.length === 1) && tensors.length > 0;
  return few ? tensors.map((tensor) => elementText(tensor, 0)).join(' and ') : `${formOf(model.source)}, ${values}`;
}

function formOf(source: string): string {
  return source.trim().split('\n').join('; ');
}

export function exampleOf({ model, values, feeds, reference, backend, difference }: Sighting): FindingExample {
  const element = 'worst' in difference ? difference.worst : null;
  const told = 'worst' in difference ? (difference.text ?? countText(difference)) : difference.text;
  return {
    form: formOf(model.source),
    dtype: model.dtype,
    opset: model.opset,
    values,
    reference,
    backend,
    inputs: Object.entries(feeds).map(([name, tensor]) => {
      return { name, shape: tensor.shape, elements: elementsText(tensor) };
    }),
    output: 'output' in difference ? difference.output : null,
    index: element?.index ?? null,
    got: element === null ? told : shortened(difference, element.actual),
    expected: element === null ? 'another result' : shortened(difference, element.expected),
    gotHex: element?.actualHex ?? null,
    expectedHex: element?.expectedHex ?? null,
  };
}

/** An element as a comparison writes it, all digits of a double, with those that its own type needs. */
function shortened(difference: SeenDifference, text: string): string {
  const isFloat32 = 'dtype' in difference && difference.dtype === 'float32';
  return isFloat32 ? numberText('float32', Number(text)) : text;
}

function countText({ elements, count }: { readonly elements: number; readonly count: number }): string {
  return `${elements} of ${count} elements otherwise`;
}

/** Sweeps again just what shows it. */
function replayCommand({ values }: Gathering, { model, backend, reference }: Sighting): string {
  const backends = [...new Set([reference, backend])].join(',');
  const words = ['npx rheobase sweep', '--ops', model.opType];
  if (model.dtype !== null) words.push('--dtypes', model.dtype);
  words.push('--opset', String(model.opset), '--values', [...values].join(','), '--backends', backends);
  return words.join(' ');
}

export interface BundleParts {
  readonly shrunk: Shrunk;
  readonly finding: Finding;
  readonly backends: readonly SweptBackend[];
  readonly environment: Environment;
}

export function bundleOf({ shrunk, finding, backends, environment }: BundleParts): Bundle {
  const { sighting, expected, actual } = shrunk;
  const { model } = modelOf(sighting.model);
  const difference = sighting.difference;
  const output = 'output' in difference ? difference.output : null;
  const node = model.graph.nodes.find(({ opType }) => opType === sighting.model.opType);
  const side = (id: BackendId, outcome: Outcome): BundleSide => {
    const backend = backends.find((one) => one.id === id);
    return {
      backend: id,
      runtimeVersion: backend?.runtimeVersion ?? null,
      implementation: backend?.implementation ?? null,
      device: backend?.device ?? null,
      ...(outcome.status === 'ran'
        ? { outputs: outcome.outputs, error: null }
        : { outputs: null, error: outcome.reason }),
    };
  };
  return {
    title: finding.title,
    reason: `${finding.kind}: got ${finding.example.got}, expected ${finding.example.expected}`,
    model,
    case: sighting.values,
    inputs: sighting.feeds,
    expected: side(sighting.reference, expected),
    actual: side(sighting.backend, actual),
    firstDivergence: node === undefined || output === null ? null : { node: node.name, opType: node.opType, output },
    tolerance: 'dtype' in difference ? defaultTolerance(difference.dtype, sighting.backend, sighting.reference) : null,
    environment,
  };
}
