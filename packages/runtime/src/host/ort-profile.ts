/**
 * ONNX Runtime's profile: Chrome trace events, one per kernel run with `cat: "Node"`, whose arguments name the
 * operator and the provider. onnxruntime-node writes it to a file; onnxruntime-web prints it to the console.
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

/** Reads the profile's text; what surrounds the JSON array (console noise) is passed over. */
export function parseOrtProfile(text: string): Profile {
  const events = traceEvents(text);
  if (events === undefined) return { nodes: [], incomplete: 'ONNX Runtime gave no readable profile' };
  const byNode = new Map<string, NodePlacement>();
  for (const event of events) {
    const { op_name: opType, provider } = event.args ?? {};
    if (event.cat !== 'Node' || event.name === undefined || opType === undefined || !provider) continue;
    if (!event.name.endsWith(KERNEL_SUFFIX)) continue;
    const node = event.name.slice(0, -KERNEL_SUFFIX.length);
    const key = `${node}\0${opType}\0${provider}`;
    const before = byNode.get(key)?.ms ?? 0;
    byNode.set(key, { node, opType, provider, ms: before + (event.dur ?? 0) / 1000 });
  }
  const nodes = [...byNode.values()];
  return { nodes, incomplete: nodes.length === 0 ? 'the profile names no kernel' : null };
}

/** Each event is a line of its own, so a line that console noise has damaged costs that event alone. */
function traceEvents(text: string): readonly TraceEvent[] | undefined {
  const events: TraceEvent[] = [];
  for (const line of text.split('\n')) {
    const start = line.indexOf('{');
    const end = line.lastIndexOf('}');
    if (start < 0 || end < start) continue;
    try {
      events.push(JSON.parse(line.slice(start, end + 1)) as TraceEvent);
    } catch {}
  }
  return events.length === 0 ? undefined : events;
}
