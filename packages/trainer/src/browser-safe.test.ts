import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Everything that is imported from outside, by the modules that an entry reaches. */
function outsideImports(entry: string): ReadonlySet<string> {
  const outside = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const match of readFileSync(path, 'utf8').matchAll(IMPORT)) {
      const specifier = match[1] ?? match[2] ?? match[3];
      if (specifier.startsWith('.')) visit(resolve(dirname(path), specifier.replace(/\.js$/, '.ts')));
      else outside.add(specifier);
    }
  };
  visit(fileURLToPath(new URL(entry, import.meta.url)));
  return outside;
}

const FOR_PAGES = ['', '/errors', '/tensor', '/schemas'].map((entry) => `@rheobase/exporter${entry}`);

it('a page may import the trainer: nothing of it needs Node', () => {
  const allowed = [...FOR_PAGES, '@rheobase/runtime', '@rheobase/runtime/npz'];
  expect([...outsideImports('index.ts')].filter((specifier) => !allowed.includes(specifier))).toEqual([]);
});

it('what reads files does need Node, so the test can fail', () => {
  expect(outsideImports('node/index.ts')).toContain('node:fs/promises');
});
