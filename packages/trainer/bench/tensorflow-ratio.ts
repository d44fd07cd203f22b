/**
 * A training step here against the same step in TensorFlow.js (WASM backend): how many times faster, on node/cpu and on
 * node/wasm. Before anything is timed, the losses of the first steps have to be the same: it is the same training.
 */
import { ratioInterval } from '@rheobase/harness';
import { nodeBackend } from '@rheobase/runtime-node';
import { type Run, STEPS, scannedSteps, seedTraining } from './seed-training.js';
import { coreSteps, layerSteps, useWasm } from './tensorflow-steps.js';
import { inTurns, perStep, ratioText, verdict } from './turns.js';

/** The least that is promised, times TensorFlow.js as it is used: a model of layers. */
const LIMITS = { 'node/cpu': 15, 'node/wasm': 4 } as const;
const LAYERS = 'TensorFlow.js wasm, layers';
const CORE = 'TensorFlow.js wasm, core';

export async function benchTensorflow(rounds: number): Promise<void> {
  const training = await seedTraining();
  await useWasm();
  const runs = new Map<string, Run>([
    [LAYERS, layerSteps(training)],
    [CORE, coreSteps(training)],
  ]);
  for (const id of Object.keys(LIMITS)) {
    runs.set(id, await scannedSteps(nodeBackend(id, { isolation: 'none' }), training));
  }
  await requireSameLosses(runs);
  console.log('\nA step of the seed recipe: 784-128-10, θ = 0.2, batch 32, Adam; one thread each, in turns');
  const timed = await inTurns(runs, rounds);
  const roundsOf = (id: string) => timed.get(id) ?? [];
  for (const id of runs.keys()) console.log(`  ${id}: ${perStep(roundsOf(id), STEPS)}`);
  for (const [id, limit] of Object.entries(LIMITS)) {
    const [layers, core] = [LAYERS, CORE].map((reference) => ratioInterval(roundsOf(reference), roundsOf(id)));
    console.log(`  ${id}: ${ratioText(layers)} the layers, ${verdict(layers, limit)}; ${ratioText(core)} the core API`);
  }
}

/** To 1 %: TensorFlow.js adds ε to Adam's denominator after correcting its bias, not before, and sums in another order. */
async function requireSameLosses(runs: ReadonlyMap<string, Run>): Promise<void> {
  const losses = await Promise.all(Array.from(runs, async ([id, run]) => [id, await run()] as const));
  const [[reference, expected], ...others] = losses;
  for (const [id, own] of others) {
    const at = own.findIndex((loss, step) => !(Math.abs(loss - expected[step]) <= 0.01 * expected[step]));
    if (at !== -1) throw new Error(`step ${at + 1}: loss ${own[at]} on ${id}, ${expected[at]} in ${reference}`);
  }
}
