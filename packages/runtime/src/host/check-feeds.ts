/** Feeds against a model's inputs, so that a wrong one is told by name before ONNX Runtime sees it. */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { storageLength, type Tensor } from '@rheobase/exporter/tensor';
import type { Feeds, TensorMetadata, ValueMetadata } from '../contract.js';

/** @throws RheobaseError `bad-input` for a missing, unknown or misshapen feed, `unsupported` for a non-tensor input. */
export function checkFeeds(inputs: readonly ValueMetadata[], feeds: Feeds): void {
  for (const input of inputs) {
    const where = `input ${input.name}`;
    if (input.kind === 'non-tensor') {
      throw new RheobaseError('unsupported', "is no tensor, and ONNX Runtime's JavaScript API cannot feed it", {
        where,
      });
    }
    const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
    if (feed === undefined) {
      throw badInput('no value is given', { where, remedy: `feed ${input.dtype} [${input.shape}]` });
    }
    const problem = misfit(input, feed);
    if (problem !== undefined) throw badInput(problem, { where });
  }
  const unknown = Object.keys(feeds).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    throw badInput('the model has no such input', {
      where: `input ${unknown}`,
      remedy: `its inputs are ${inputs.map(({ name }) => name).join(', ')}`,
    });
  }
}

/** Rank cannot be checked where the declared shape is empty: that is a scalar or an unknown rank. */
function misfit({ dtype, shape }: TensorMetadata, feed: Tensor): string | undefined {
  if (feed.dtype !== dtype) return `takes ${dtype}, got ${feed.dtype}`;
  const rankFits = shape.length === 0 || shape.length === feed.shape.length;
  if (!rankFits || shape.some((dim, axis) => typeof dim === 'number' && dim !== feed.shape[axis])) {
    return `takes shape [${shape}], got [${feed.shape}]`;
  }
  const stored = storageLength(dtype, feed.shape);
  if (feed.data.length !== stored)
    return `shape [${feed.shape}] takes ${stored} stored elements, got ${feed.data.length}`;
  return undefined;
}
