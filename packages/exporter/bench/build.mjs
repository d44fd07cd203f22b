/** Building is linear: ten times the nodes in about ten times the time. */
import { buildModel, input, op } from '@rheobase/exporter';
import { shortest } from './measure.mjs';

const ROUNDS = 15;

export async function buildFigures() {
  const times = await shortest(ROUNDS, {
    // Ten of them, so that both sides have the same number of nodes and the same share of garbage collection.
    tenOfThousand: () => {
      for (let index = 0; index < 10; index += 1) chain(1000);
    },
    tenThousand: () => chain(10_000),
  });
  return [
    {
      ...{ name: 'time to build a chain of 10,000 nodes, to one of 1,000', unit: '×' },
      ...{ value: times.tenThousand / (times.tenOfThousand / 10), limit: 12 },
    },
  ];
}

/** Products and sums by turns, each with a shape to infer and a constant to promote. */
function chain(length) {
  const x = input('x', 'float32', ['batch', 64]);
  let y = x;
  for (let index = 0; index < length; index += 1) y = index % 2 === 0 ? op.add(y, 1) : op.mul(y, x);
  const model = buildModel({ inputs: [x], outputs: { y } });
  if (model.graph.nodes.length !== length) throw new Error(`${model.graph.nodes.length} nodes`);
}
