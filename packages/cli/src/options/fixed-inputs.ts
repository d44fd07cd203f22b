/** `--fix NAME=VALUE`: inputs of a model that become constants. */
import { badInput, type Model, modelInfo } from '@rheobase/exporter';
import { sizeOf, storageOf, type Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';

/** @throws RheobaseError `bad-input` where an entry names no input of the model, or no number for it. */
export function fixedInputs(model: Model, list: readonly string[]): Feeds {
  return Object.fromEntries(list.map((entry) => fixedInput(model, entry)));
}

function fixedInput(model: Model, entry: string): readonly [string, Tensor] {
  const where = '--fix';
  const end = entry.lastIndexOf('=');
  const [name, text] = [entry.slice(0, end), entry.slice(end + 1)];
  const { inputs } = modelInfo(model);
  const input = inputs.find((candidate) => candidate.name === name);
  if (end <= 0 || input === undefined) {
    const names = inputs.map((candidate) => candidate.name).join(', ');
    throw badInput(`'${entry}' fixes no input`, { where, remedy: `write NAME=VALUE with a NAME of ${names}` });
  }
  const { dtype } = input;
  const shape = (input.shape ?? []).map((extent) => (typeof extent === 'number' ? extent : 1));
  const isNumber = text !== '' && Number.isFinite(Number(text));
  if (dtype === 'bool' && (text === 'true' || text === 'false'))
    return [name, filled(dtype, shape, text === 'true' ? 1 : 0)];
  if (!isNumber || dtype === null || dtype === 'string') {
    throw badInput(`'${text}' is no value for '${name}', which takes ${dtype ?? 'an unknown type'}`, { where });
  }
  return [name, filled(dtype, shape, Number(text))];
}

/** A tensor whose elements are all the same number. */
function filled(dtype: Exclude<Tensor['dtype'], 'string'>, shape: readonly number[], value: number): Tensor {
  const data = new (storageOf(dtype) as Float32ArrayConstructor)(sizeOf(shape));
  const element = dtype === 'int64' || dtype === 'uint64' ? BigInt(value) : value;
  return { dtype, shape, data: data.fill(element as number) } as Tensor;
}
