/**
 * Why steps run as a Scan: single steps from JavaScript against a Scan of many. Besides the wall, the processor's time
 * (mean per step), which tells work from waiting.
 */
import { nodeBackend } from '@rheobase/runtime-node';
import { type Run, STEPS, scannedSteps, seedTraining, singleSteps } from './seed-training.js';
import { inTurns, perStep } from './turns.js';

export async function benchStep(rounds: number): Promise<void> {
  const training = await seedTraining();
  for (const id of ['node/cpu', 'node/wasm']) {
    const backend = nodeBackend(id, { isolation: 'none' });
    const runs = new Map<string, Run>([
      ['a run for each step', await singleSteps(backend, training)],
      ['steps as a Scan', await scannedSteps(backend, training)],
    ]);
    const meters = new Map(Array.from(runs, ([name, run]) => [name, metered(run)]));
    console.log(`\nThe seed recipe on ${id}`);
    const timed = await inTurns(new Map(Array.from(meters, ([name, { run }]) => [name, run])), rounds);
    for (const [name, own] of timed) {
      const processor = meters.get(name)?.msPerRun() ?? Number.NaN;
      console.log(`  ${name}: ${perStep(own, STEPS)}, processor ${(processor / STEPS).toFixed(3)} ms`);
    }
  }
}

/** A run whose processor time is counted. */
function metered(run: Run): { readonly run: Run; msPerRun(): number } {
  let [runs, spentMs] = [0, 0];
  return {
    run: async () => {
      const before = process.cpuUsage();
      const losses = await run();
      const { user, system } = process.cpuUsage(before);
      runs += 1;
      spentMs += (user + system) / 1000;
      return losses;
    },
    msPerRun: () => spentMs / runs,
  };
}
