import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ENTRIES = ['index.ts', 'errors.ts', 'tensor/index.ts', 'generated/operators.ts'];
const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Everything that is imported from outside, by the modules that an entry reaches. */
function outsideImports(entry: string): Map<string, string> {
  const outside = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const match of readFileSync(path, 'utf8').matchAll(IMPORT)) {
      const specifier = match[1] ?? match[2] ?? match[3];
      if (specifier.startsWith('.')) visit(resolve(dirname(path), specifier.replace(/\.js$/, '.ts')));
      else outside.set(specifier, path);
    }
  };
  visit(fileURLToPath(new URL(entry, import.meta.url)));
  return outside;
}

describe('what a page may import', () => {
  it.each(ENTRIES)('%s needs nothing of Node, and no package but protobufjs', (entry) => {
    const imports = [...outsideImports(entry).keys()];
    expect(imports.filter((specifier) => specifier !== 'protobufjs/minimal.js')).toEqual([]);
  });

  it('node/index.ts does need Node, so the test can fail', () => {
    expect([...outsideImports('node/index.ts').keys()]).toContain('node:fs');
  });
});
