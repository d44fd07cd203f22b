/** Local functions: defined once, importing what they use, and never calling themselves. */
import { type CalledFunction, calledFunctions } from '../../analysis/calls.js';
import type { LocalFunction } from '../../model/model.js';
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const functions: CheckRule = {
  name: 'function',
  check: function* ({ model, bodies }): Iterable<Finding> {
    const functionOf = calledFunctions(model);
    const seen = new Set<string>();
    for (const fn of model.functions) {
      const key = `${fn.domain}.${fn.name}${fn.overload && `:${fn.overload}`}`;
      if (seen.has(key)) yield error(null, `two functions are named ${key}`);
      seen.add(key);
      if (!(fn.domain in model.opsets))
        yield error(null, `the model does not import the domain of its function ${key}`);
    }
    const recursive = new Set(model.functions.filter((fn) => reaches(fn, fn, functionOf, new Set())));
    for (const { fn, graph } of bodies) {
      if (fn === null || !recursive.has(fn)) continue;
      for (const node of graph.nodes) {
        const callee = functionOf(node);
        if (callee !== undefined && recursive.has(callee)) {
          yield error(node, `the function ${fn.name} calls itself through ${callee.name}`);
        }
      }
    }
  },
};

/** Whether a call of `from` leads to a call of `to`. */
function reaches(
  from: LocalFunction,
  to: LocalFunction,
  functionOf: CalledFunction,
  visited: Set<LocalFunction>,
): boolean {
  if (visited.has(from)) return false;
  visited.add(from);
  return from.nodes.some((node) => {
    const callee = functionOf(node);
    return callee !== undefined && (callee === to || reaches(callee, to, functionOf, visited));
  });
}
