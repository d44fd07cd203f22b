/** `rheobase doctor`: what runs on this machine, what does not, and what would bring it. */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Availability, BackendId } from '@rheobase/runtime';
import { installNodeCuda } from '@rheobase/runtime-node';
import { installBrowser } from '@rheobase/runtime-web/driver';
import type { CommandModule } from 'yargs';
import { createBackend, DEFAULT_BACKENDS, KNOWN_BACKENDS, parseBackendList } from '../backends.js';
import { EXIT } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { writeOutput } from '../output.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';

interface DoctorArguments {
  backends?: string[];
  require?: string[];
  install?: string;
  json?: string;
}

interface DoctorRow {
  readonly id: BackendId;
  readonly availability: Availability;
}

export function doctorCommand(outcome: CommandOutcome): CommandModule<object, DoctorArguments> {
  return {
    command: 'doctor',
    describe: 'Show which backends run here, what is missing and how to get it',
    builder: (yargs) =>
      yargs
        .option('backends', { type: 'string', array: true, describe: 'Backends to look at, separated by commas' })
        .option('require', { type: 'string', array: true, describe: 'Exit with 3 unless these are available' })
        .option('install', { type: 'string', describe: 'Get what a backend needs, e.g. node/cuda or chromium/wasm' })
        .option('json', { type: 'string', describe: 'Also write the findings to this file (- for standard output)' })
        .example('$0 doctor', 'Probe the six standard backends')
        .example('$0 doctor --install chromium/webgpu', 'Find or install a Chromium')
        .example('$0 doctor --require node/cpu,chromium/wasm', 'Fail in CI when one is missing'),
    handler: async (args) => {
      if (args.install !== undefined) await install(args.install);
      const required = parseBackendList(args.require) ?? [];
      const named = parseBackendList(args.backends) ?? (args.install ? [args.install] : DEFAULT_BACKENDS);
      const rows = await probeAll([...new Set([...named, ...required])]);
      await writeOutput(args.json, () => `${JSON.stringify(machineReadable(rows), null, 2)}\n`);
      if (args.json !== '-') process.stdout.write(render(rows));
      const missing = rows.filter(({ id, availability }) => required.includes(id) && !availability.available);
      if (missing.length > 0) {
        process.stderr.write(`rheobase: required, but not available: ${missing.map(({ id }) => id).join(', ')}\n`);
        outcome.exitCode = EXIT.backendMissing;
      }
    },
  };
}

async function install(id: BackendId): Promise<void> {
  if (!KNOWN_BACKENDS.includes(id)) {
    throw badInput(`unknown backend ${JSON.stringify(id)}`, { remedy: `known are ${KNOWN_BACKENDS.join(', ')}` });
  }
  const [host] = id.split('/');
  const onOutput = (text: string): void => {
    process.stderr.write(text);
  };
  if (id === 'node/cuda') return installNodeCuda({ onOutput });
  if (host === 'chromium' || host === 'firefox' || id === 'node/webgpu') {
    // Chromium brings the software Vulkan driver that node/webgpu runs on without a GPU.
    await installBrowser(host === 'firefox' ? 'firefox' : 'chromium', { onOutput });
    return;
  }
  if (id === 'node/cpu' || id === 'node/wasm') return;
  throw new RheobaseError('unavailable', `${id} comes with its platform and cannot be installed`);
}

/** One after the other: each probe starts a process or a browser, and they would compete for the same cores. */
async function probeAll(ids: readonly BackendId[]): Promise<readonly DoctorRow[]> {
  const progress = progressDisplay();
  const rows: DoctorRow[] = [];
  for (const id of ids) {
    progress.update(rows.length / ids.length, `probing ${id}`);
    const backend = createBackend(id);
    rows.push({ id, availability: await backend.probe() });
    await backend.close();
  }
  progress.stop();
  return rows;
}

function machineReadable(rows: readonly DoctorRow[]): object {
  return {
    schema: 'rheobase/doctor@1',
    environment: { os: process.platform, arch: process.arch, node: process.versions.node },
    backends: rows.map(({ id, availability }) => ({ id, ...availability })),
  };
}

function render(rows: readonly DoctorRow[]): string {
  const cells = rows.map(({ id, availability }) =>
    availability.available
      ? [id, 'ready', [availability.implementation, availability.runtimeVersion].join(' · '), deviceText(availability)]
      : [id, 'missing', availability.reason, ''],
  );
  const remedies = rows.flatMap(({ id, availability }) =>
    availability.available || availability.remedy === null ? [] : [`  ${id}: ${availability.remedy}`],
  );
  const advice = remedies.length === 0 ? '' : `\nTo get what is missing:\n${remedies.join('\n')}\n`;
  return `${table(['backend', 'state', 'runtime', 'device'], cells)}${advice}`;
}

function deviceText({ device, software }: Extract<Availability, { available: true }>): string {
  return `${device ?? 'not told'}${software ? ' (software adapter)' : ''}`;
}
