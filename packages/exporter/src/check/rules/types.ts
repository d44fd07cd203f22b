/** Element types that an operator does not take, or inputs that must agree in type and do not. */
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const types: CheckRule = {
  name: 'types',
  check: function* ({ typeProblems }): Iterable<Finding> {
    for (const { rule, node, message } of typeProblems) {
      if (rule === 'types') yield error(node, `${node.opType}: ${message}`);
    }
  },
};

/** Shapes that cannot go together, and declared types that the nodes contradict. */
export const shapes: CheckRule = {
  name: 'shapes',
  check: function* ({ typeProblems }): Iterable<Finding> {
    for (const { rule, node, message } of typeProblems) {
      if (rule === 'shapes')
        yield error(node, message.startsWith(node.opType) ? message : `${node.opType}: ${message}`);
    }
  },
};
