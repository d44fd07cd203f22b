/** Names: read but defined nowhere, defined twice, promised as outputs but never produced. */
import type { Graph, Node } from '../../model/model.js';
import { type Body, isVisible, placeOf } from '../bodies.js';
import { type CheckRule, error, type Finding, warning } from '../check-rule.js';

export const danglingNames: CheckRule = {
  name: 'dangling-name',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      for (const node of body.graph.nodes) {
        for (const name of new Set(node.inputs)) {
          if (name !== '' && !isVisible(name, body)) {
            yield error(node, `${node.opType} reads '${name}', which nothing produces${placeOf(body)}`);
          }
        }
      }
    }
  },
};

export const missingOutputs: CheckRule = {
  name: 'missing-output',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      for (const { name } of body.graph.outputs) {
        // A subgraph may pass on a value from outside.
        const known = body.kind === 'subgraph' ? isVisible(name, body) : body.defined.has(name);
        if (!known) yield error(body.holder, `nothing produces the output '${name}'${placeOf(body)}`);
      }
    }
  },
};

export const duplicateNames: CheckRule = {
  name: 'duplicate-name',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      yield* duplicateValues(body);
      const seen = new Set<string>();
      for (const node of body.graph.nodes) {
        if (node.name === '') continue;
        if (seen.has(node.name)) yield warning(node, `two nodes are named '${node.name}'${placeOf(body)}`);
        seen.add(node.name);
      }
    }
  },
};

function* duplicateValues(body: Body): Iterable<Finding> {
  const { graph, outer } = body;
  const seen = new Set<string>();
  const again = (name: string) => {
    const known = seen.has(name);
    seen.add(name);
    return known;
  };
  for (const { name } of graph.inputs) {
    if (again(name)) yield error(body.holder, `two inputs are named '${name}'${placeOf(body)}`);
  }
  yield* duplicateTensors(graph, body, again);
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (again(name)) yield error(node, `'${name}' is defined before${placeOf(body)}`);
      else if (outer !== null && isVisible(name, outer)) {
        yield error(node, `'${name}' hides a value of the same name around the subgraph`);
      }
    }
  }
}

/** An initializer may share its name with an input, whose default it then is. */
function* duplicateTensors(graph: Graph, body: Body, again: (name: string) => boolean): Iterable<Finding> {
  const tensors = [
    ...graph.initializers.map(({ name }) => name),
    ...graph.sparseInitializers.map(({ values }) => values.name),
  ];
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const seen = new Set<string>();
  const none: Node | null = body.holder;
  for (const name of tensors) {
    if (name === '') yield error(none, `an initializer has no name${placeOf(body)}`);
    else if (seen.has(name)) yield error(none, `two initializers are named '${name}'${placeOf(body)}`);
    else if (!inputs.has(name)) again(name);
    seen.add(name);
  }
}
