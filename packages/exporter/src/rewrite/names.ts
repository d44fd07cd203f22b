/** All names a model uses, so that new ones collide with none, in whichever graph they stand. */

import { subgraphsOf } from '../analysis/reads.js';
import type { Graph, Model, Node } from '../model/model.js';
import type { FreshNames } from './rule.js';

export class ModelNames implements FreshNames {
  private readonly used = new Set<string>();

  constructor({ graph, functions }: Model) {
    this.addGraph(graph);
    for (const { inputs, outputs, nodes } of functions) {
      for (const name of [...inputs, ...outputs]) this.used.add(name);
      for (const node of nodes) this.addNode(node);
    }
  }

  fresh(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.used.has(name); number++) name = `${wanted}_${number}`;
    this.used.add(name);
    return name;
  }

  private addGraph(graph: Graph): void {
    for (const { name } of [...graph.inputs, ...graph.outputs, ...graph.initializers]) this.used.add(name);
    for (const { values } of graph.sparseInitializers) this.used.add(values.name);
    for (const node of graph.nodes) this.addNode(node);
  }

  private addNode(node: Node): void {
    this.used.add(node.name);
    for (const name of [...node.inputs, ...node.outputs]) this.used.add(name);
    for (const graph of subgraphsOf(node)) this.addGraph(graph);
  }
}
