import { expect, it } from 'vitest';
import { locationProblem } from './external-location.js';

it.each<[string, string | undefined]>([
  ['weights.bin', undefined],
  ['./weights.bin', undefined],
  ['sub folder/weights-1-of-2.data', undefined],
  ['..data', undefined],
  ['', 'is empty'],
  ['/etc/passwd', 'is not relative to the folder of the model'],
  ['C:\\weights.bin', 'is not relative to the folder of the model'],
  ['c:weights.bin', 'is not relative to the folder of the model'],
  ['\\\\server\\share\\w.bin', 'has a backslash'],
  ['sub\\..\\..\\w.bin', 'has a backslash'],
  ['../w.bin', 'leaves the folder of the model'],
  ['a/../../w.bin', 'leaves the folder of the model'],
  ['a/..', 'leaves the folder of the model'],
  ['a/', 'names a folder'],
  ['.', 'names a folder'],
  ['a//b', 'has an empty part'],
  ['model.onnx:stream', 'has a colon'],
  ['.. /w.bin', "has the part '.. ', which Windows reads as another name"],
  ['w.bin.', "has the part 'w.bin.', which Windows reads as another name"],
  ['NUL', "has the part 'NUL', which is a device on Windows"],
  ['sub/com1.bin', "has the part 'com1.bin', which is a device on Windows"],
  ['a\0b', 'has control characters'],
  ['a\nb', 'has control characters'],
])('%j', (location, problem) => {
  expect(locationProblem(location)).toBe(problem);
});
