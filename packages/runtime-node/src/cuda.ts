/**
 * node/cuda: its libraries are not in the npm package (they are too large for the registry) but are downloaded by
 * onnxruntime-node's own install script, which this project's set-up leaves out and `installNodeCuda` runs on purpose.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RheobaseError } from '@rheobase/exporter/errors';
import type { Unavailable } from '@rheobase/runtime';
import { meaningfulLine, plainText } from './child-output.js';

const INSTALL_COMMAND = 'rheobase doctor --install node/cuda';

/** The folder of the installed onnxruntime-node. */
function packageFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..');
}

function libraryPath(): string {
  return join(packageFolder(), 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so');
}

/** Why node/cuda did not come up: libraries never installed, libraries that do not load, or no GPU. */
export function diagnoseCuda(what: string, stderr: readonly string[]): Unavailable {
  return diagnose(what, stderr, existsSync(libraryPath()));
}

export function diagnose(what: string, stderr: readonly string[], installed: boolean): Unavailable {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { available: false, reason: what, remedy: 'use Linux on x64, the only platform with CUDA in Node' };
  }
  if (!installed) {
    return {
      available: false,
      reason: 'onnxruntime-node was installed without its CUDA libraries',
      remedy: `${INSTALL_COMMAND} (it also takes an NVIDIA GPU, CUDA 12 and cuDNN 9)`,
    };
  }
  const missing = stderr.map(plainText).findLast((line) => /cannot open shared object file/.test(line));
  if (missing !== undefined) {
    const library = /([\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(missing)?.[1] ?? missing;
    return {
      available: false,
      reason: `the CUDA libraries of onnxruntime-node do not load: ${library} is missing`,
      remedy: 'install CUDA 12 and cuDNN 9',
    };
  }
  const detail = /Failed to load shared library/.test(what) ? meaningfulLine(stderr) : undefined;
  return {
    available: false,
    reason: detail === undefined ? what : `${what}: ${detail}`,
    remedy: 'use a machine with an NVIDIA GPU, its driver, CUDA 12 and cuDNN 9',
  };
}

export interface InstallOptions {
  /** Gets what the script prints, as it prints it. */
  readonly onOutput: (text: string) => void;
}

/**
 * Downloads the CUDA libraries (hundreds of megabytes) into the installed onnxruntime-node with its own script. Proxies are
 * those that the script knows (`GLOBAL_AGENT_HTTPS_PROXY`).
 * @throws RheobaseError `unsupported` on a platform without CUDA, `failed` where the download fails.
 */
export async function installNodeCuda({ onOutput }: InstallOptions): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new RheobaseError(
      'unsupported',
      `CUDA in Node exists on Linux x64 alone, not on ${process.platform} ${process.arch}`,
    );
  }
  const script = join(packageFolder(), 'script', 'install.js');
  // Not 'cuda12', as its comment says: version 1.30 takes that for no choice at all, and inside `npm run` or `npx`
  // then ends at once, having done nothing. 'true' is CUDA 12 on the one platform that has it.
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      onOutput(text);
      printed.push(...text.split('\n'));
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0 && existsSync(libraryPath())) return;
  throw new RheobaseError('failed', `the CUDA libraries were not installed: ${reasonOf(printed, code)}`, {
    where: 'node/cuda',
    remedy: 'see that the NuGet package feed can be reached (a proxy goes into GLOBAL_AGENT_HTTPS_PROXY) and try again',
  });
}

function reasonOf(printed: readonly string[], code: number | null): string {
  const text = printed.join('\n');
  const unreachable = /(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH)[^\n]*/.exec(text)?.[0];
  if (unreachable !== undefined) return `the download cannot be reached (${unreachable.trim()})`;
  return meaningfulLine(printed) ?? `the install script ended with code ${code}`;
}
