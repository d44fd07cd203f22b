/**
 * ONNX Runtime's profile: Chrome trace events, one per kernel run with `cat: "Node"`, whose arguments name the
 * operator and the provider. onnxruntime-node writes it to a file; onnxruntime-web prints it to the console.
 *
 * For a node on WebGPU that event lasts as long as its dispatch; the GPU's own time is in `cat: "Api"` events named
 * `node&opType&program`, several where a kernel dispatches several programs.
 */
import type { NodePlacement, Profile } from '../contract.js';

interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  /** Duration in microseconds. */
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const KERNEL_SUFFIX = '_kernel_time';
/** Of a profile that is whole, and in which nothing ran. */
export const NO_KERNEL = 'the profile names no kernel';

/** Reads the profile's text; what surrounds the JSON array (console noise) is passed over. */
export function parseOrtProfile(text: string): Profile {
  const events = traceEvents(text);
  if (events.length === 0) return { nodes: [], incomplete: 'ONNX Runtime gave no readable profile' };
  const gpuMs = gpuTimes(events);
  const byNode = new Map<string, NodePlacement & { readonly ms: number }>();
  for (const { cat, name, dur = 0, args } of events) {
    if (cat !== 'Node' || !name?.endsWith(KERNEL_SUFFIX) || !args?.op_name || !args.provider) continue;
    const node = name.slice(0, -KERNEL_SUFFIX.length);
    const { op_name: opType, provider } = args;
    const key = `${node}\0${opType}\0${provider}`;
    byNode.set(key, { node, opType, provider, ms: (byNode.get(key)?.ms ?? 0) + dur / 1000 });
  }
  const nodes = [...byNode.values()].map((placed) => ({
    ...placed,
    ms: gpuMs.get(`${placed.node}&${placed.opType}`) ?? placed.ms,
  }));
  return { nodes, incomplete: nodes.length === 0 ? NO_KERNEL : null };
}

/** Milliseconds on the GPU by `node&opType`. */
function gpuTimes(events: readonly TraceEvent[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { cat, name, dur = 0 } of events) {
    const programAt = name?.lastIndexOf('&') ?? -1;
    if (cat !== 'Api' || name === undefined || programAt < 0) continue;
    const key = name.slice(0, programAt);
    times.set(key, (times.get(key) ?? 0) + dur / 1000);
  }
  return times;
}

/** Each event is a line of its own, so a line that console noise has damaged costs that event alone. */
function traceEvents(text: string): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const line of text.split('\n')) {
    const start = line.indexOf('{');
    const end = line.lastIndexOf('}');
    if (start < 0 || end < start) continue;
    try {
      events.push(JSON.parse(line.slice(start, end + 1)) as TraceEvent);
    } catch {
      // Not an event: somebody else's line with braces in it.
    }
  }
  return events;
}
