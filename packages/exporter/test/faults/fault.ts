/** What the tables of faults are made of: one fault, the rule that must find it, and models to plant it in. */
import type { Model } from '../../src/model/model.js';
import { type SketchOptions, sketch, sketchFunction, sketchGraph } from '../sketch.js';

export const SOUND =
  'input x float32 [n,4]\n constant w float32 [4] 1 2 3 4\n a = Mul(x, w)\n y = Relu(a)\n output y float32 [n,4]';

export interface Fault {
  readonly fault: string;
  readonly rule: string;
  readonly node: string | null;
  readonly message: string;
  readonly model: () => Model;
  readonly severity?: 'warning';
  /** Other rules that see the same fault from their side. */
  readonly also?: readonly string[];
}

export const IN = 'input x float32 [n,4]';
export const OUT = 'output y float32';
export const lines = (nodes: string, options?: SketchOptions) => () => sketch(`${IN}\n ${nodes}\n ${OUT}`, options);
export const sound = (change: (model: Model) => Model) => () => change(sketch(SOUND));
export const withTensor = (change: Partial<Model['graph']['initializers'][number]>) =>
  sound((model) => {
    const [w] = model.graph.initializers;
    return { ...model, graph: { ...model.graph, initializers: [{ ...w, ...change }] } };
  });

export const branch = (nodes: string) => sketchGraph(`${nodes}\n output r float32`);
export const CONDITION = 'input b bool []';
export const gate = sketchFunction('local', 'Gate', ['x'], ['y'], 'y = Relu(x)');
export const calling = (fn: typeof gate, opsets: Record<string, number> = { '': 21, local: 1 }) =>
  lines('y = local:Gate(x)', { opsets, functions: [fn] });
