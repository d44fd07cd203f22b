/**
 * A threshold as it is found in a graph: the node by which neurons become silent, the comparisons that decide which, and
 * θ where it is known. Everything is told by the names and nodes of the model, so that whoever asks can expose, replace
 * or tighten what is there.
 */
import type { Graph, LocalFunction, Node } from '../model/model.js';

/** θ in numbers: one for all neurons, or one for each neuron or channel. */
export type Theta = number | readonly number[];

export type Comparator = '>' | '>=' | '<' | '<=';

/** Where a node stands. */
export interface Place {
  readonly node: Node;
  /** Place of the node among those it stands with. */
  readonly index: number;
  /** The graph, or the function, it stands in. */
  readonly graph: Graph | LocalFunction;
  /** The nodes whose bodies it is in (If, Loop, Scan, calls of functions), outermost first; empty in the main graph. */
  readonly within: readonly Node[];
}

/** A place where numbers are compared with θ, and the answer decides what goes on. */
export interface ThresholdComparison extends Place {
  readonly comparator: Comparator;
  /** Name of the value on the left of the comparison. */
  readonly x: string;
  /** Name of the value on its right, or the number itself. */
  readonly theta: string | number;
  /** Whether it is |x| that is compared, by the operator itself (Shrink). */
  readonly magnitude: boolean;
}

/** A node whose output is zero where a neuron is silent. */
export interface ThresholdGate extends Place {
  /** A `relu` (Relu, Clip from 0 up, Max with 0) silences too, but its θ is 0 and says nothing. */
  readonly kind: 'threshold' | 'relu';
  /** Name of the value whose zeros are the silent neurons. */
  readonly output: string;
  /** What is compared, by its names in the graph the gate stands in: x (and what |x| is of), and a θ that is no constant. */
  readonly compares: readonly string[];
  /** What is let through where a neuron fires, likewise. */
  readonly passes: readonly string[];
  readonly comparisons: readonly ThresholdComparison[];
  /** Null where θ is known only at run time, where several θ decide together, and for a relu. */
  readonly theta: Theta | null;
  /** Which side of θ fires: x above it, x below it, or |x| above it. Null where several comparisons decide together. */
  readonly fires: 'above' | 'below' | 'magnitude' | null;
}

export interface Thresholds {
  /** In the order of the nodes; those of a node's bodies come before the node. */
  readonly gates: readonly ThresholdGate[];
  /** In the same order: those that a gate goes by, and all others that choose (Where) or become numbers (Cast). */
  readonly comparisons: readonly ThresholdComparison[];
}
