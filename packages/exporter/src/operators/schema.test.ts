import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as schemas from '../generated/operators.js';
import { newestVersion, versionAt } from './schema.js';
import { typeFromName, typeName } from './type-name.js';

it.each(['operators', 'ops'])('the generated module %s is what the generator makes of the facts', (name) => {
  const generator = fileURLToPath(new URL(`../../schema/generate-${name}.mjs`, import.meta.url));
  const committed = fileURLToPath(new URL(`../generated/${name}.ts`, import.meta.url));
  const fresh = execFileSync(process.execPath, [generator, '--print'], { encoding: 'utf8' });
  expect(readFileSync(committed, 'utf8')).toBe(fresh);
});

it('an opset has the newest version not above it', () => {
  expect([9, 10, 21, 22, 26].map((opset) => versionAt(schemas.ThresholdedRelu, opset)?.since)).toEqual([
    undefined,
    10,
    10,
    22,
    22,
  ]);
});

it('type names and types are the same thing', () => {
  for (const { types } of Object.values(schemas).map(newestVersion)) {
    for (const name of Object.values(types).flat()) {
      const type = typeFromName(name);
      expect(type && typeName(type)).toBe(name);
    }
  }
});
