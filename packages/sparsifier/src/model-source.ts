/**
 * A model in memory as a backend takes it. Large weights are handed over as they lie, as external data, and not
 * copied into the model's bytes: ONNX Runtime would copy them out of there again, and where memory is fresh every copy costs
 * more than an inference (page faults).
 */
import { encodeModel, type Initializer, type Model } from '@rheobase/exporter';
import { bytesOf } from '@rheobase/exporter/tensor';
import type { ModelSource } from '@rheobase/runtime';

/** Smaller constants stay inside, where ONNX Runtime infers shapes from them. */
const LARGE_BYTES = 4096;

export function sourceOfModel(model: Model): ModelSource {
  const { initializers } = model.graph;
  // What lies in files already keeps their names.
  if (initializers.some(({ content }) => content.kind === 'external')) return { bytes: encodeModel(model) };
  const externalData: { location: string; bytes: Uint8Array }[] = [];
  const outside = (constant: Initializer): Initializer => {
    if (constant.content.kind !== 'inline' || constant.dtype === 'string') return constant;
    const bytes = bytesOf(constant.content.data());
    if (bytes.length < LARGE_BYTES) return constant;
    const location = `weights-${externalData.length}`;
    externalData.push({ location, bytes });
    return { ...constant, content: { kind: 'external', location, offset: 0, length: bytes.length } };
  };
  const graph = { ...model.graph, initializers: initializers.map(outside) };
  return { bytes: encodeModel({ ...model, graph }), externalData };
}
