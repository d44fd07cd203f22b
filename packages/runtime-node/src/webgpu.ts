/**
 * node/webgpu needs a Vulkan, Metal or D3D12 driver. Where there is a GPU, the user's own driver comes first and the
 * software driver is tried when that fails; where there is none, the software driver comes first. A driver named by
 * `RHEOBASE_VULKAN_ICD` comes before all.
 */
import { fromPlainError, type PlainError, RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import { type Connect, type Connection, type Reply, withTimeout } from '@rheobase/runtime/host';
import { hasGpu } from '@rheobase/runtime/node';
import { type ChildConnection, startChild } from './child-process.js';
import { findSoftwareVulkan, type SoftwareVulkan } from './software-vulkan.js';

/** A driver in software, or the one that a process finds by itself. */
type Driver = SoftwareVulkan | 'own';

/** Connects to a child with the first driver that a probe succeeds with; later children get that driver at once. */
export function webgpuConnector(id: string, remedy: string | null): Connect {
  let chosen: Driver | undefined;
  return async (_, timeoutMs) => {
    if (chosen !== undefined) return start(id, chosen);
    const failures: PlainError[] = [];
    const drivers = driversInOrder();
    for (const driver of drivers) {
      const child = start(id, driver);
      const reply = await probe(child, timeoutMs / drivers.length);
      if ('result' in reply) {
        chosen = driver;
        return answeringProbe(child, reply);
      }
      await child.kill();
      failures.push({ ...reply.error, what: reasonOf(reply.error.what, child.stderr) });
    }
    // A driver that hangs is there, and so a failure.
    const [late] = failures.filter(({ code }) => code === 'timeout');
    if (late !== undefined) throw fromPlainError(late);
    const reasons = new Set(failures.map(({ what }) => what));
    throw new RheobaseError('unavailable', [...reasons].join('; '), remedy === null ? {} : { remedy });
  };
}

function driversInOrder(): readonly Driver[] {
  const software = findSoftwareVulkan();
  if (software === null) return ['own'];
  const { RHEOBASE_VULKAN_ICD, VK_ICD_FILENAMES, VK_DRIVER_FILES } = process.env;
  const ownFirst = !RHEOBASE_VULKAN_ICD && (hasGpu() || VK_ICD_FILENAMES || VK_DRIVER_FILES);
  return ownFirst ? ['own', software] : [software, 'own'];
}

function start(id: string, driver: Driver): ChildConnection {
  return startChild(driver === 'own' ? { id } : { id, softwareDriver: driver.name, env: driver.env });
}

async function probe(child: Connection, timeoutMs: number): Promise<Reply> {
  try {
    return await withTimeout(child.send({ method: 'probe', params: {} }), timeoutMs, 'did not start within');
  } catch (error) {
    return { error: toPlainError(error) };
  }
}

/** The probe that chose the driver also answers the backend's. */
function answeringProbe(child: Connection, probed: Reply): Connection {
  return {
    send: async (request) => (request.method === 'probe' ? probed : child.send(request)),
    kill: () => child.kill(),
    ...(child.ended === undefined ? {} : { ended: child.ended }),
  };
}

/** Dawn tells on standard error that the Vulkan loader is missing; its exception says only that there is no adapter. */
function reasonOf(what: string, stderr: readonly string[]): string {
  const loader = stderr.map((line) => /Couldn't load Vulkan: (\S+?):/.exec(line)?.[1]).find(Boolean);
  return loader === undefined ? what : `there is no Vulkan loader (${loader})`;
}
