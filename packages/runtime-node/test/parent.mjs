/**
 * A program that uses node/cpu in a child process, for tests of what becomes of the child when its parent ends.
 * Arguments: a model file, and what to do: `idle` opens a session and comes to its end; `busy` starts a run that takes
 * minutes, says so, and waits. Prints the child's process id.
 */
import { remoteBackend } from '@rheobase/runtime/host';
import { startChild } from '../dist/child-process.js';

const [path, mode] = process.argv.slice(2);
let child;
const connect = async () => {
  child = startChild({ id: 'node/cpu' });
  return child;
};
const backend = remoteBackend({ id: 'node/cpu', remedy: null, connect });
const session = await backend.open({ path });
console.log(child.pid);
if (mode === 'busy') {
  const [{ name, shape }] = session.inputs;
  const data = new Float32Array(shape[0] * shape[1]);
  await session.run({ [name]: { dtype: 'float32', shape, data } });
}
