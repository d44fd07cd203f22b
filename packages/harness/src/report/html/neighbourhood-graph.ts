/**
 * The neighbourhood of a blamed node as a drawing: laid out by dagre, drawn as inline SVG. Top to bottom, unless so many nodes
 * stand side by side that this would not fit a page: then left to right.
 */
import { Graph, layout } from '@dagrejs/dagre';
import type { Neighbourhood, NeighbourNode } from '../verify-report.js';
import { html, type Markup } from './markup.js';

/** CSS pixels. */
const BOX = { width: 168, height: 42 };

/** Characters of a name that fit a box. */
const NAME_LENGTH = 24;

/** A drawing wider than a page of the report has to be pushed sideways. */
const PAGE_WIDTH = 960;

export function neighbourhoodGraph({ nodes, output }: Neighbourhood): Markup {
  const downwards = laidOut(nodes, 'TB');
  const graph = (downwards.graph().width ?? 0) <= PAGE_WIDTH ? downwards : laidOut(nodes, 'LR');
  const { width = BOX.width, height = BOX.height } = graph.graph();
  const edges = graph
    .edges()
    .map((edge: { readonly v: string; readonly w: string }) => edgeLine(graph.edge(edge).points ?? []));
  const boxes = nodes.map((node, index) => nodeBox(node, graph.node(String(index))));
  const says = `Nodes around the one that gives ${output}`;
  return html`<div class="scroll"><svg class="graph" role="img" aria-label="${says}" width="${Math.ceil(width)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}">${edges}${boxes}</svg></div>`;
}

function laidOut(nodes: Neighbourhood['nodes'], rankdir: 'TB' | 'LR'): Graph {
  const graph = new Graph();
  graph.setGraph({ rankdir, nodesep: rankdir === 'TB' ? 24 : 12, ranksep: 34, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const index of nodes.keys()) graph.setNode(String(index), { ...BOX });
  for (const [to, { inputs }] of nodes.entries()) {
    for (const [from, { outputs }] of nodes.entries()) {
      if (outputs.some((name) => name !== '' && inputs.includes(name))) graph.setEdge(String(from), String(to));
    }
  }
  layout(graph);
  return graph;
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
