/**
 * The wall time of `verify` against what bare ONNX Runtime takes for the work that verification cannot do without: on each
 * backend each model loaded once, run once a case, warmed up and timed as often as verification did. What verification
 * loads and runs beyond that (a profiled session for the placement, one more where a model has thresholds) counts
 * against it. The two take turns, and what counts is the ratio of each turn.
 */
import { type VerifyEvent, verify } from '@rheobase/harness';
import { type BareRuntime, type BareWork, startBare } from './bare-runtime.js';
import { type CountedBackend, countedBackend } from './counted-backend.js';
import { type BenchModel, writeModels } from './models.js';
import { onScene, type Scene, spread } from './scene.js';

const LIMIT = 1.25;
const MODELS = 20;

export async function benchSpeed(ids: readonly string[], rounds: number): Promise<void> {
  await onScene(ids, async (scene) => {
    const models = writeModels(scene.folder, MODELS);
    const bare = new Map<string, BareRuntime>();
    try {
      for (const id of ids) bare.set(id, await startBare(id, scene.folder));
      // Code is compiled and caches are filled once, on both sides.
      await takeTurn(scene, models.slice(0, 5), bare);
      const turns: Turn[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const turn = await takeTurn(scene, models, bare);
        turns.push(turn);
        const bareMs = [...turn.bareMs.values()].reduce((sum, ms) => sum + ms, 0);
        const figures = `verify ${turn.wallMs.toFixed(0)} ms, bare ${bareMs.toFixed(0)} ms`;
        process.stderr.write(`round ${round + 1} of ${rounds}: ${figures}\n`);
      }
      print(ids, turns);
    } finally {
      for (const one of bare.values()) await one.close();
    }
  });
}

interface Turn {
  readonly wallMs: number;
  /** Bare load and run times, by backend. */
  readonly bareMs: ReadonlyMap<string, number>;
  /** Wall time by what verification was at. */
  readonly passes: ReadonlyMap<string, number>;
}

async function takeTurn(
  { backends }: Scene,
  models: readonly BenchModel[],
  bare: ReadonlyMap<string, BareRuntime>,
): Promise<Turn> {
  const counted = backends.map(countedBackend);
  const passes = new Map<string, number>();
  const start = performance.now();
  let [since, pass] = [start, 'reading models'];
  const enter = (next: string): void => {
    const now = performance.now();
    passes.set(pass, (passes.get(pass) ?? 0) + now - since);
    [since, pass] = [now, next];
  };
  await verify({
    models: models.map(({ path }) => path),
    backends: counted.map(({ backend }) => backend),
    baseline: counted[0].backend.id,
    onEvent: (event) => enter(passOf(event) ?? pass),
  });
  enter('');
  const wallMs = performance.now() - start;
  const bareMs = new Map<string, number>();
  for (const { backend, sessions } of counted) {
    bareMs.set(backend.id, (await bare.get(backend.id)?.measure(neededOf(models, sessions))) ?? Number.NaN);
  }
  return { wallMs, bareMs, passes };
}

function passOf(event: VerifyEvent): string | undefined {
  switch (event.kind) {
    case 'model':
    case 'loaded':
      return 'loads';
    case 'compared':
      return 'runs and comparison';
    case 'timing':
      return 'timing';
    case 'examining':
      return event.what;
    default:
      return undefined;
  }
}

/** The first session of each model is the one that nothing could be told without. */
function neededOf(models: readonly BenchModel[], sessions: CountedBackend['sessions']): readonly BareWork[] {
  return models.map(({ path, shape }) => {
    const session = sessions.find((one) => one.path === path && !one.profiled);
    if (session === undefined) throw new Error(`${path} was not verified`);
    return { path, shape, cases: session.runs, timed: session.timed };
  });
}

function print(ids: readonly string[], turns: readonly Turn[]): void {
  const ratioOver = (chosen: readonly string[]): string =>
    spread(turns.map(({ wallMs, bareMs }) => wallMs / chosen.reduce((sum, id) => sum + (bareMs.get(id) ?? 0), 0)));
  const milliseconds = (part: (turn: Turn) => number): string => `${spread(turns.map(part), 0)} ms`;
  console.log(`verify, ${MODELS} models on ${ids.join(', ')}: ${milliseconds(({ wallMs }) => wallMs)}`);
  for (const id of ids) console.log(`  bare on ${id}: ${milliseconds(({ bareMs }) => bareMs.get(id) ?? 0)}`);
  console.log(`  verify / bare: ${ratioOver(ids)}, limit ${LIMIT}`);
  for (const pass of turns[0].passes.keys()) {
    console.log(`  of verify, ${pass}: ${milliseconds(({ passes }) => passes.get(pass) ?? 0)}`);
  }
}
