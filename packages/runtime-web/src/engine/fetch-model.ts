/** A model's bytes and those of its external data, as ONNX Runtime takes them in a page. */
import { badInput } from '@rheobase/exporter/errors';
import type { ModelSource } from '@rheobase/runtime';
import type { ResolvedModel } from '@rheobase/runtime/host';

/** In a page a path is a URL, and files with external data lie beside the model. They are fetched before loading. */
export async function fetchModel(source: ModelSource): Promise<ResolvedModel> {
  if ('bytes' in source) {
    const external = source.externalData?.map(({ location, bytes }) => ({ path: location, data: bytes }));
    return resolved(source.bytes, external);
  }
  const url = new URL(source.path, globalThis.location?.href);
  const external = await Promise.all(
    (source.externalLocations ?? []).map(async (location) => {
      const beside = location.split('/').map(encodeURIComponent).join('/');
      return { path: location, data: await fetchBytes(new URL(beside, url)) };
    }),
  );
  return resolved(await fetchBytes(url), external);
}

function resolved(model: Uint8Array, externalData: ResolvedModel['externalData'] = []): ResolvedModel {
  return externalData.length === 0 ? { model } : { model, externalData };
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  const where = url.href;
  const response = await fetch(url).catch((cause: unknown) => {
    throw badInput('it cannot be fetched', { where, cause });
  });
  if (!response.ok) throw badInput(`it cannot be fetched: the server answers ${response.status}`, { where });
  return new Uint8Array(await response.arrayBuffer());
}
