/**
 * Keeps the model that was fetched last: a browser takes longer to fetch a model of some MB than ONNX Runtime to load it,
 * and what opens one model often opens it again at once, for its profile. An address stands for the same bytes for ever.
 */
import type { OrtHost, ResolvedModel } from '@rheobase/runtime/host';

/** A larger model is fetched again; its memory is needed for the session. */
const MOST_BYTES = 64 * 2 ** 20;

type Resolve = OrtHost['resolve'];

export function keepingLast(fetchModel: Resolve): Resolve {
  let last: { readonly path: string; readonly model: ResolvedModel } | undefined;
  return async (source) => {
    if ('bytes' in source) return fetchModel(source);
    if (last?.path === source.path) return last.model;
    // Let go of before the next comes.
    last = undefined;
    const model = await fetchModel(source);
    if (bytesOf(model) <= MOST_BYTES) last = { path: source.path, model };
    return model;
  };
}

function bytesOf({ model, externalData = [] }: ResolvedModel): number {
  return [model, ...externalData.map(({ data }) => data)].reduce((sum, { length }) => sum + length, 0);
}
