/** The neighbourhood of a blamed node as a drawing: laid out by dagre, top to bottom, drawn as inline SVG. */
import { Graph, layout } from '@dagrejs/dagre';
import type { Neighbourhood, NeighbourNode } from '../verify-report.js';
import { html, type Markup } from './markup.js';

/** CSS pixels. */
const BOX = { width: 168, height: 42 };

/** Characters of a name that fit a box. */
const NAME_LENGTH = 24;

export function neighbourhoodGraph({ nodes, output }: Neighbourhood): Markup {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: 34, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const index of nodes.keys()) graph.setNode(String(index), { ...BOX });
  for (const [to, { inputs }] of nodes.entries()) {
    for (const [from, { outputs }] of nodes.entries()) {
      if (outputs.some((name) => name !== '' && inputs.includes(name))) graph.setEdge(String(from), String(to));
    }
  }
  layout(graph);
  const { width = BOX.width, height = BOX.height } = graph.graph();
  const edges = graph
    .edges()
    .map((edge: { readonly v: string; readonly w: string }) => edgeLine(graph.edge(edge).points ?? []));
  const boxes = nodes.map((node, index) => nodeBox(node, graph.node(String(index))));
  const says = `Nodes around the one that gives ${output}`;
  return html`<svg class="graph" role="img" aria-label="${says}" width="${Math.ceil(width)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}">${edges}${boxes}</svg>`;
}

interface Place {
  readonly x?: number;
  readonly y?: number;
}

function edgeLine(points: readonly Place[]): Markup {
  const path = points.map(({ x = 0, y = 0 }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const end = points.at(-1);
  return html`<polyline class="edge" points="${path}"/><circle class="end" cx="${(end?.x ?? 0).toFixed(1)}" cy="${(end?.y ?? 0).toFixed(1)}" r="3"/>`;
}

function nodeBox({ name, opType, isBlamed, outputs }: NeighbourNode, { x = 0, y = 0 }: Place): Markup {
  const left = (x - BOX.width / 2).toFixed(1);
  const top = (y - BOX.height / 2).toFixed(1);
  const title = name || (outputs[0] ?? '');
  const short = title.length > NAME_LENGTH ? `${title.slice(0, NAME_LENGTH - 1)}…` : title;
  return html`<g class="${isBlamed ? 'node blamed' : 'node'}"><title>${title}</title><rect x="${left}" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="8"/><text x="${x.toFixed(1)}" y="${(y - 3).toFixed(1)}" class="op">${opType}</text><text x="${x.toFixed(1)}" y="${(y + 13).toFixed(1)}">${short}</text></g>`;
}
