/**
 * What a training step costs: single steps from JavaScript against a Scan of many, in one process, by turns so that a
 * busy machine slows both. Per step: wall time (median of the runs) and processor time (mean).
 *
 *     node bench/step.mjs [recipe] [batch] [backend …]        default: mnist-mlp 32 node/cpu node/wasm
 */
import { encodeModel, recipeLayers, sequential } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import {
  adam,
  loadMnist,
  packVector,
  parameterVector,
  sparseCategoricalCrossentropy,
  trainingLoop,
  trainingStep,
} from '@rheobase/trainer';

const [recipe = 'mnist-mlp', batchText = '32', ...ids] = process.argv.slice(2);
const batch = Number(batchText);
const STEPS = 32;
const ROUNDS = 12;
const SLOTS = ['mean', 'variance'];

const network = sequential(recipeLayers(recipe)).build({ inputShape: [784] });
const options = { loss: sparseCategoricalCrossentropy(), optimizer: adam(), batch };
const vector = parameterVector(network);
const { images, labels } = await loadMnist('train', STEPS * batch);
const float = (shape, data) => ({ dtype: 'float32', shape, data });
const int = (shape, data) => ({ dtype: 'int64', shape, data });

function firstState() {
  const initial = Object.fromEntries(network.parameters.map((one) => [one.name, one.initial(0)]));
  const slots = SLOTS.map((slot) => [slot, float([vector.size], new Float32Array(vector.size))]);
  return { parameters: float([vector.size], packVector(vector, initial)), ...Object.fromEntries(slots) };
}

function nextState(outputs) {
  return {
    parameters: outputs.nextParameters,
    ...Object.fromEntries(SLOTS.map((slot) => [slot, outputs[`next/${slot}`]])),
  };
}

/** Runs STEPS steps one at a time. */
async function singleSteps(backend) {
  const session = await backend.open({ bytes: encodeModel(trainingStep(network, options)) }, { threads: 1 });
  let state = firstState();
  return async () => {
    for (let step = 0; step < STEPS; step += 1) {
      const { outputs } = await session.run({
        ...state,
        x: float([batch, 784], images.data.subarray(step * batch * 784, (step + 1) * batch * 784)),
        y: int([batch], labels.data.subarray(step * batch, (step + 1) * batch)),
        learningRate: float([], Float32Array.of(1e-3)),
        step: float([], Float32Array.of(step + 1)),
      });
      state = nextState(outputs);
    }
  };
}

/** Runs STEPS steps as one Scan. */
async function scannedSteps(backend) {
  const session = await backend.open({ bytes: encodeModel(trainingLoop(network, options)) }, { threads: 1 });
  let state = firstState();
  return async () => {
    const { outputs } = await session.run({
      ...state,
      x: float([STEPS, batch, 784], images.data),
      y: int([STEPS, batch], labels.data),
      learningRate: float([STEPS], new Float32Array(STEPS).fill(1e-3)),
      step: float(
        [STEPS],
        Float32Array.from({ length: STEPS }, (_, at) => at + 1),
      ),
    });
    state = nextState(outputs);
  };
}

async function timed(run) {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: wall / STEPS, cpu: (user + system) / 1000 / STEPS };
}

for (const id of ids.length === 0 ? ['node/cpu', 'node/wasm'] : ids) {
  const backend = nodeBackend(id, { isolation: 'none' });
  const runs = { single: await singleSteps(backend), scan: await scannedSteps(backend) };
  const samples = { single: [], scan: [] };
  for (const run of Object.values(runs)) await run();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(runs)) samples[name].push(await timed(run));
  }
  for (const [name, list] of Object.entries(samples)) {
    const walls = list.map(({ wall }) => wall).sort((a, b) => a - b);
    const cpu = list.reduce((sum, sample) => sum + sample.cpu, 0) / list.length;
    const text = `wall ${walls[walls.length >> 1].toFixed(3)} ms (least ${walls[0].toFixed(3)}), processor ${cpu.toFixed(3)} ms`;
    console.log(`${recipe}, batch ${batch}, ${id}, ${name}: ${text}`);
  }
}
