import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageModules } from './package-modules.js';

const ENTRIES = [
  '@rheobase/exporter/errors',
  '@rheobase/runtime/host',
  '@rheobase/runtime-web',
  'onnxruntime-web/wasm',
];

describe('packageModules', () => {
  const { imports, fileAt } = packageModules(ENTRIES);

  it('maps each entry of a package to a file that is there', () => {
    for (const specifier of [...ENTRIES, 'onnxruntime-web/jspi', 'onnxruntime-web/webgpu']) {
      expect(imports).toHaveProperty([specifier]);
      expect(existsSync(fileAt(imports[specifier] ?? '') ?? '')).toBe(true);
    }
  });

  it('serves modules of these packages and nothing else', () => {
    expect(fileAt('onnxruntime-web/dist/ort-wasm-simd-threaded.wasm')).toMatch(/ort-wasm-simd-threaded\.wasm$/);
    expect(fileAt('onnxruntime-web/package.json')).toBeUndefined();
    expect(fileAt('onnxruntime-web/../playwright-core/index.js')).toBeUndefined();
    expect(fileAt('playwright-core/index.js')).toBeUndefined();
  });

  it('leads to no module that imports from Node, or what the page cannot resolve', () => {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path) || path.startsWith('onnxruntime-web/')) return;
      seen.add(path);
      const source = readFileSync(fileAt(path) ?? '', 'utf8');
      for (const [, specifier = ''] of source.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)) {
        if (specifier.startsWith('.')) {
          visit(new URL(specifier, `http://page/${path}`).pathname.slice(1));
        } else {
          expect(Object.keys(imports), `${path} imports ${specifier}`).toContain(specifier);
          visit(imports[specifier] ?? '');
        }
      }
    };
    visit('rheobase-runtime-web/dist/page/main.js');
    visit('rheobase-runtime-web/dist/index.js');
    expect(seen.size).toBeGreaterThan(20);
  });
});
