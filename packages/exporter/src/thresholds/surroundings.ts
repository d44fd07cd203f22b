/**
 * The list of nodes that a node stands in, and the way from a name to what makes its value: a node of this list, one of
 * a graph around it (which a body of If, Loop or Scan reads by name), one before the call of a function whose body this
 * is, or one inside a function that is called here. So a reader sees operators and constants, wherever they are written.
 */
import { type CalledFunction, calledFunctions, withCallAttributes } from '../analysis/calls.js';
import { constantNodeTensor } from '../analysis/constant-node.js';
import type { Graph, Initializer, LocalFunction, Model, Node } from '../model/model.js';

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'node'; readonly node: Node; readonly at: Surroundings }
  | { readonly kind: 'constant'; readonly tensor: Initializer };

interface Around {
  readonly outer: Surroundings;
  /** The node whose body, or whose call, this is. */
  readonly node: Node;
  /** Names of the body, to names around it; a function sees nothing else, a subgraph also what it does not hide. */
  readonly arguments: ReadonlyMap<string, string>;
  readonly hidden: ReadonlySet<string> | 'all';
}

export class Surroundings {
  /** The nodes whose bodies and calls this lies in, outermost first. */
  readonly within: readonly Node[];
  /** Their places in the lists they stand in. */
  readonly path: readonly number[];
  private readonly places: ReadonlyMap<Node, number>;
  private readonly makers: ReadonlyMap<string, Node>;
  private readonly constants: ReadonlyMap<string, Initializer>;
  private readonly inside = new Map<Graph | Node, Surroundings>();

  private constructor(
    /** What the nodes stand in. */
    readonly graph: Graph | LocalFunction,
    readonly nodes: readonly Node[],
    private readonly functionOf: CalledFunction,
    private readonly around: Around | null,
  ) {
    this.within = around === null ? [] : [...around.outer.within, around.node];
    this.path = around === null ? [] : [...around.outer.path, around.outer.placeOf(around.node)];
    this.places = new Map(nodes.map((node, index) => [node, index]));
    this.makers = new Map(
      nodes.flatMap((node) => node.outputs.flatMap((name) => (name === '' ? [] : [[name, node] as const]))),
    );
    const initializers = 'initializers' in graph ? graph.initializers : [];
    this.constants = new Map(initializers.map((one) => [one.name, one]));
  }

  static ofModel(model: Model): Surroundings {
    return new Surroundings(model.graph, model.graph.nodes, calledFunctions(model), null);
  }

  /** A subgraph of one of the nodes. */
  body(node: Node, graph: Graph): Surroundings {
    return this.kept(graph, () => {
      const hidden = new Set(graph.inputs.map(({ name }) => name));
      const around = { outer: this, node, arguments: new Map<string, string>(), hidden };
      return new Surroundings(graph, graph.nodes, this.functionOf, around);
    });
  }

  /** The body of the function that a node calls, as this call runs it; undefined for an operator. */
  call(node: Node): Surroundings | undefined {
    const fn = this.functionOf(node);
    // A function that calls itself is no valid one; it would never end.
    if (fn === undefined || this.within.some((caller) => this.functionOf(caller) === fn)) return undefined;
    return this.kept(node, () => {
      const given = new Map(fn.inputs.map((name, index) => [name, node.inputs[index] ?? '']));
      const around = { outer: this, node, arguments: given, hidden: 'all' } as const;
      const nodes = fn.nodes.map((inner) => withCallAttributes(inner, node, fn));
      return new Surroundings(fn, nodes, this.functionOf, around);
    });
  }

  /** Undefined for inputs of the model, of a loop's body, and for what nothing gives. */
  origin(name: string): Origin | undefined {
    const node = this.makers.get(name);
    if (node !== undefined) return this.originMadeBy(node, name);
    const tensor = this.constants.get(name);
    if (tensor !== undefined) return { kind: 'constant', tensor };
    const outside = this.nameOutside(name);
    return outside === undefined ? undefined : this.around?.outer.origin(outside);
  }

  /** Place of one of the nodes among them. */
  placeOf(node: Node): number {
    return this.places.get(node) ?? -1;
  }

  isInside(other: Surroundings): boolean {
    return this === other || (this.around?.outer.isInside(other) ?? false);
  }

  /** What a value of these surroundings is called in `other` ones around them; undefined where it is none of theirs. */
  nameSeenFrom(other: Surroundings, name: string): string | undefined {
    if (this === other) return name === '' ? undefined : name;
    const outside = this.nameOutside(name);
    return outside === undefined ? undefined : this.around?.outer.nameSeenFrom(other, outside);
  }

  private nameOutside(name: string): string | undefined {
    if (this.around === null || name === '' || this.makers.has(name) || this.constants.has(name)) return undefined;
    const { arguments: given, hidden } = this.around;
    const outside = given.get(name) ?? (hidden === 'all' || hidden.has(name) ? '' : name);
    return outside === '' ? undefined : outside;
  }

  private originMadeBy(node: Node, name: string): Origin | undefined {
    const tensor = constantNodeTensor(node);
    if (tensor !== undefined) return { kind: 'constant', tensor };
    const body = this.call(node);
    if (body === undefined) return { kind: 'node', node, at: this };
    const inner = 'initializers' in body.graph ? undefined : body.graph.outputs[node.outputs.indexOf(name)];
    return inner === undefined ? undefined : body.origin(inner);
  }

  private kept(key: Graph | Node, make: () => Surroundings): Surroundings {
    const known = this.inside.get(key) ?? make();
    this.inside.set(key, known);
    return known;
  }
}
