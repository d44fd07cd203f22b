/** The machine a verification ran on. */
import os from 'node:os';
import type { Environment } from '../report/verify-report.js';

export function describeEnvironment(versions: Readonly<Record<string, string>> = {}): Environment {
  const processors = os.cpus();
  return {
    os: `${os.type()} ${os.release()}`,
    arch: process.arch,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: process.version,
    versions,
  };
}
