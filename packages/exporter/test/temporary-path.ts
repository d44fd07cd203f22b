/** Paths in fresh folders, which go away with the test that asked for them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of `name` in a new, empty folder; call it inside a test. */
export function temporaryPath(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rheobase-exporter-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
