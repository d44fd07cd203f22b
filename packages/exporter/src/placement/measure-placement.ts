/**
 * Measures who runs what: one model for each operator, version and element type, run once on a backend with ONNX
 * Runtime's profile on and its optimisations off, so that the node that ran is the node that was written.
 */
import { encodeModel } from '../codec/encode.js';
import { RheobaseError } from '../errors.js';
import { CPU_PROVIDER, type PlacedNode, type PlacementBackend, runsOnCpu } from './backend.js';
import { laterProbes, type Probe, type ProbeSelection, probeModel, probesFor } from './probe.js';
import { encodePlacements, type MeasuredPlacement } from './table.js';

export interface MeasureOptions extends ProbeSelection {
  /** Called after each model. */
  readonly onProgress?: (progress: PlacementProgress) => void;
}

export interface PlacementProgress {
  readonly done: number;
  readonly total: number;
  readonly probe: Probe;
  readonly result: ProbeResult;
}

export type ProbeResult =
  | {
      readonly outcome: 'ran';
      readonly placement: 'native' | 'cpu';
      /** Kernels that ran; more than one where the runtime expanded the operator into others. */
      readonly kernels: readonly string[];
    }
  /** The runtime has no implementation, or its process ended. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Neither: the example does not suit, or its tensors cannot be fed. Nothing is measured. */
  | { readonly outcome: 'failed'; readonly reason: string };

export interface PlacementMeasurement {
  readonly backend: string;
  readonly placements: readonly MeasuredPlacement[];
  /** Why the runtime refuses, where it does. */
  readonly refused: readonly (Probe & { readonly reason: string })[];
  readonly failed: readonly (Probe & { readonly reason: string })[];
  /** The rows of this backend in the form of `PlacementTable`. */
  readonly table: Readonly<Record<string, string>>;
}

/**
 * Runs every probe on a backend, one after the other. A crash costs one probe. Operators that the runtime expands into
 * others are run at every opset, because what they are expanded into changes with it.
 */
export async function measurePlacement(
  backend: PlacementBackend,
  { onProgress, ...selection }: MeasureOptions = {},
): Promise<PlacementMeasurement> {
  const probes = probesFor(selection);
  const run = new Measurement();
  for (const [index, probe] of probes.entries()) {
    const result = await runProbe(backend, probe);
    run.add(probe, holdsFrom(probe, result), result);
    onProgress?.({ done: index + 1, total: probes.length, probe, result });
  }
  const later = laterProbes(run.expanded, selection);
  for (const [index, probe] of later.entries()) {
    const result = await runProbe(backend, probe);
    run.addChange(probe, result);
    onProgress?.({ done: probes.length + index + 1, total: probes.length + later.length, probe, result });
  }
  const { placements, refused, failed } = run;
  return { backend: backend.id, placements, refused, failed, table: encodePlacements(placements) };
}

/** A kernel is registered for a version of its operator; what was expanded or refused is known of this opset on. */
function holdsFrom({ opType, since, opset }: Probe, result: ProbeResult): number {
  return result.outcome === 'ran' && result.kernels.includes(opType) ? since : opset;
}

class Measurement {
  readonly placements: MeasuredPlacement[] = [];
  readonly refused: (Probe & { readonly reason: string })[] = [];
  readonly failed: (Probe & { readonly reason: string })[] = [];
  /** Operators without a kernel of their own. */
  readonly expanded = new Set<string>();
  private readonly latest = new Map<string, MeasuredPlacement['placement']>();

  add(probe: Probe, from: number, result: ProbeResult): void {
    const { opType, dtype } = probe;
    if (result.outcome === 'failed') {
      this.failed.push({ ...probe, reason: result.reason });
      return;
    }
    if (result.outcome === 'refused') this.refused.push({ ...probe, reason: result.reason });
    else if (!result.kernels.includes(opType)) this.expanded.add(opType);
    const placement = result.outcome === 'ran' ? result.placement : 'none';
    this.placements.push({ opType, from, dtype, placement });
    this.latest.set(keyOf(probe), placement);
  }

  /** Takes in what is otherwise than at the opset before. */
  addChange(probe: Probe, result: ProbeResult): void {
    const placement = result.outcome === 'ran' ? result.placement : 'none';
    if (result.outcome !== 'failed' && placement === this.latest.get(keyOf(probe))) return;
    this.add(probe, probe.opset, result);
  }
}

function keyOf({ opType, since, dtype }: Probe): string {
  return `${opType} ${since} ${dtype}`;
}

const TIMEOUT_MS = 30_000;

/** Runs one probe. Never throws for what the runtime does. */
export async function runProbe(backend: PlacementBackend, probe: Probe): Promise<ProbeResult> {
  const { model, feeds } = probeModel(probe);
  try {
    const options = { profile: true, optimization: 'disabled', timeoutMs: TIMEOUT_MS } as const;
    const session = await backend.open({ bytes: encodeModel(model) }, options);
    try {
      await session.run(feeds);
      return placementOf(backend.id, probe, (await session.profile()).nodes);
    } finally {
      await session.close();
    }
  } catch (error) {
    return explain(error);
  }
}

/** Copies that a provider inserts around a node that is not its own. */
const COPIES = /^Memcpy/;

function placementOf(backend: string, { opType }: Probe, nodes: readonly PlacedNode[]): ProbeResult {
  const computing = nodes.filter((node) => !COPIES.test(node.opType));
  const own = computing.filter((node) => node.opType === opType);
  const judged = own.length > 0 ? own : computing;
  if (judged.length === 0) return { outcome: 'failed', reason: 'the profile names no node' };
  const onCpu = judged.some(({ provider }) => provider === CPU_PROVIDER);
  const kernels = judged.map((node) => node.opType);
  return { outcome: 'ran', placement: onCpu && !runsOnCpu(backend) ? 'cpu' : 'native', kernels };
}

/** How ONNX Runtime says that it lacks a kernel or a type, as against that the model is wrong. */
const LACKING =
  /NOT_IMPLEMENTED|Could not find an implementation|not implemented|(not|no longer) supported|does not support|unsupported|no kernel|type inference failed|Type Error/i;

/** What another device would do: nothing is known of the runtime. */
const DEVICE = /the GPU has no/i;

function explain(error: unknown): ProbeResult {
  if (!(error instanceof RheobaseError)) throw error;
  if (DEVICE.test(error.what)) return { outcome: 'failed', reason: error.what };
  const ended = error.code === 'crashed' || error.code === 'timeout';
  const refused = ended || error.code === 'unsupported' || LACKING.test(error.what);
  return { outcome: refused ? 'refused' : 'failed', reason: error.what };
}
