/**
 * A call as an older opset writes it. Functions are those of the newest operators; where an opset says the same thing
 * in another way (axes as an attribute and not an input, a mode by its former name), the call is rewritten, provided
 * that what must be fixed is fixed. What it cannot say is left as it is, for `checkOpset` to refuse.
 */
import { RheobaseError } from '../errors.js';
import type { AttributeValue } from '../model/model.js';
import { newestVersion, type OperatorVersion, parameterAt, versionAt } from '../operators/schema.js';
import type { Tensor } from '../tensor/index.js';
import { constantValue, literalTensor } from './constant.js';
import { type Call, placeOf, type Value } from './value.js';

/** The inputs and attributes of a call in one opset. */
export interface FittedCall {
  readonly inputs: readonly (Value | null)[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** @throws RheobaseError `unsupported` where an input would have to be an attribute and is not constant. */
export function fitOpset(call: Call, opset: number): FittedCall {
  const version = versionAt(call.schema, opset);
  const newest = newestVersion(call.schema);
  if (version === undefined || version === newest) return call;
  const special = CHANGES[call.schema.opType]?.(call, version) ?? call;
  return withoutDefaults(inputsToAttributes(call, special, version), version, newest);
}

/** Inputs that were attributes of the same name: the axes of Reduce*, the axis of DFT. */
function inputsToAttributes(call: Call, fitted: FittedCall, version: OperatorVersion): FittedCall {
  const newest = newestVersion(call.schema);
  const inputs = [...fitted.inputs];
  const attributes = new Map(fitted.attributes);
  for (const [index, input] of fitted.inputs.entries()) {
    const name = parameterAt(newest.inputs, index)?.name;
    const attribute = version.attributes.find((candidate) => candidate.name === name);
    if (input === null || attribute === undefined || parameterAt(version.inputs, index) !== undefined) continue;
    const numbers = integersOf(input.constant);
    if (numbers === undefined) {
      const since = call.schema.versions.find((other) => parameterAt(other.inputs, index)?.name === name)?.since;
      throw new RheobaseError(
        'unsupported',
        `${call.schema.opType}: before opset ${since} '${name}' is an attribute, and it is given as a value`,
        { ...placeOf(call.site), remedy: `make it a constant, or build with opset ${since} or later` },
      );
    }
    inputs[index] = null;
    attributes.set(
      attribute.name,
      attribute.kind === 'int' ? { kind: 'int', value: numbers[0] } : { kind: 'ints', value: numbers },
    );
  }
  while (inputs.length > 0 && inputs.at(-1) === null) inputs.pop();
  return { inputs, attributes };
}

/** Attributes that the version does not have yet and that say what it does anyway. */
function withoutDefaults(fitted: FittedCall, version: OperatorVersion, newest: OperatorVersion): FittedCall {
  const attributes = new Map(fitted.attributes);
  for (const [name, value] of attributes) {
    const lacks = !version.attributes.some((attribute) => attribute.name === name);
    const byDefault = newest.attributes.find((attribute) => attribute.name === name)?.default;
    if (lacks && byDefault !== undefined && isEqual(value, byDefault)) attributes.delete(name);
  }
  return { inputs: fitted.inputs, attributes };
}

function isEqual(value: AttributeValue, byDefault: unknown): boolean {
  if (value.kind === 'string') return new TextDecoder().decode(value.value) === byDefault;
  return (value.kind === 'int' || value.kind === 'float') && Number(value.value) === byDefault;
}

function integersOf(constant: Tensor | undefined): readonly bigint[] | undefined {
  if (constant?.dtype !== 'int64' && constant?.dtype !== 'int32') return undefined;
  return Array.from(constant.data as ArrayLike<bigint | number>, BigInt);
}

type Change = (call: Call, version: OperatorVersion) => FittedCall;

/** Operators whose change is their own. */
const CHANGES: Readonly<Record<string, Change>> = {
  /** Until opset 18 the number of outputs says into how many equal parts; unequal ones need their sizes. */
  Split(call, version) {
    const parts = call.outputs.length;
    if (version.since >= 18 || call.inputs.length > 1) return call;
    const attributes = new Map(call.attributes);
    attributes.delete('num_outputs');
    const axis = attributes.get('axis');
    const shape = call.inputs[0]?.shape;
    const extent = shape?.at(axis?.kind === 'int' ? Number(axis.value) : 0);
    if (typeof extent !== 'number' || extent % parts === 0) return { inputs: call.inputs, attributes };
    const size = Math.ceil(extent / parts);
    const sizes = Array.from({ length: parts }, (_, index) => Math.min(size, Math.max(0, extent - index * size)));
    return { inputs: [...call.inputs, constantInts(sizes, call)], attributes };
  },

  /** Until opset 18 the pads are for all axes. */
  Pad(call, version) {
    const [data, pads, value, axes] = call.inputs;
    const rank = data?.shape?.length;
    const [sizes, along] = [integersOf(pads?.constant), integersOf(axes?.constant)];
    if (version.since >= 18 || axes === undefined || rank === undefined) return call;
    if (sizes === undefined || along === undefined) return call;
    const all = new Array<number>(2 * rank).fill(0);
    for (const [index, axis] of along.entries()) {
      const at = Number(axis) < 0 ? Number(axis) + rank : Number(axis);
      all[at] = Number(sizes[index]);
      all[at + rank] = Number(sizes[index + along.length]);
    }
    const inputs = [data ?? null, constantInts(all, call), ...(value == null ? [] : [value])];
    return { inputs, attributes: call.attributes };
  },

  /** Until opset 20 the modes have names with bi-. */
  GridSample(call, version) {
    const mode = call.attributes.get('mode');
    if (version.since >= 20) return call;
    const name = mode?.kind === 'string' ? new TextDecoder().decode(mode.value) : 'linear';
    const former = { linear: 'bilinear', cubic: 'bicubic' }[name] ?? name;
    const attributes = new Map(call.attributes).set('mode', {
      kind: 'string',
      value: new TextEncoder().encode(former),
    });
    return { inputs: call.inputs, attributes };
  },

  /** Until opset 16 there was no half_pixel, which is now the default: leaving it out would be another function. */
  RoiAlign(call, version) {
    const mode = call.attributes.get('coordinate_transformation_mode');
    const name = mode?.kind === 'string' ? new TextDecoder().decode(mode.value) : 'half_pixel';
    if (version.since >= 16) return call;
    if (name !== 'output_half_pixel') {
      throw new RheobaseError('unsupported', 'RoiAlign: half_pixel is not in opsets before 16', {
        ...placeOf(call.site),
        remedy: "build with opset 16 or later, or choose 'output_half_pixel'",
      });
    }
    const attributes = new Map(call.attributes);
    attributes.delete('coordinate_transformation_mode');
    return { inputs: call.inputs, attributes };
  },
};

function constantInts(numbers: readonly number[], { site }: Call): Value {
  return constantValue(literalTensor(numbers, 'int64'), undefined, site);
}
