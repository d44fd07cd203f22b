import { expect, it } from 'vitest';
import { attachDashes } from './standard-output.js';

it.each([
  [
    ['verify', 'm.onnx', '--json', '-'],
    ['verify', 'm.onnx', '--json=-'],
  ],
  [
    ['--json', '-', '--html', '-'],
    ['--json=-', '--html=-'],
  ],
  [
    ['--json', 'r.json', '-'],
    ['--json', 'r.json', '-'],
  ],
  [
    ['--json=-', '-'],
    ['--json=-', '-'],
  ],
])('%j is read as %j', (given, read) => {
  expect(attachDashes(given)).toEqual(read);
});
