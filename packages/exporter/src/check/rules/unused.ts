/** What contributes to no output: initializers nobody reads, nodes whose results go nowhere, functions nobody calls. */
import { calledFunctions } from '../../analysis/calls.js';
import { readsOf } from '../../analysis/reads.js';
import { placeOf } from '../bodies.js';
import { type CheckRule, type Finding, warning } from '../check-rule.js';

export const unusedInitializers: CheckRule = {
  name: 'unused-initializer',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      const { graph, holder } = body;
      const read = new Set(graph.nodes.flatMap((node) => [...readsOf(node)]));
      for (const { name } of [...graph.outputs, ...graph.inputs]) read.add(name);
      const names = [
        ...graph.initializers.map(({ name }) => name),
        ...graph.sparseInitializers.map(({ values }) => values.name),
      ];
      for (const name of names) {
        if (name !== '' && !read.has(name))
          yield warning(holder, `nothing reads the initializer '${name}'${placeOf(body)}`);
      }
    }
  },
};

export const deadNodes: CheckRule = {
  name: 'dead-node',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const { graph } of bodies) {
      const needed = new Set(graph.outputs.map(({ name }) => name));
      for (const node of graph.nodes.toReversed()) {
        if (!node.outputs.some((name) => needed.has(name))) {
          yield warning(node, `no output depends on ${node.opType}`);
          continue;
        }
        for (const name of readsOf(node)) needed.add(name);
      }
    }
  },
};

export const unusedFunctions: CheckRule = {
  name: 'unused-function',
  check: function* ({ model, bodies }): Iterable<Finding> {
    const functionOf = calledFunctions(model);
    const called = new Set(bodies.flatMap(({ graph }) => graph.nodes.map(functionOf)));
    for (const fn of model.functions) {
      if (!called.has(fn)) yield warning(null, `nothing calls the function ${fn.domain}.${fn.name}`);
    }
  },
};
