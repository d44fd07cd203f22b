/** The GPU adapter by name, and whether it is one in software. */

export interface AdapterName {
  readonly device: string;
  readonly software: boolean;
}

/** The drivers in software that browsers come with or find: SwiftShader, Mesa's, Microsoft's. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

/** Names what a browser tells of an adapter; it may hold back all but the vendor, or even that. */
export function nameAdapter(info: GPUAdapterInfo): AdapterName {
  const { vendor, architecture, device, description } = info;
  const name = description || [vendor, architecture, device].filter((part) => part !== '').join(' ');
  const software = info.isFallbackAdapter === true || SOFTWARE.test(`${vendor} ${architecture} ${name}`);
  return { device: name || 'a GPU that the browser does not name', software };
}
