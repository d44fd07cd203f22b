/**
 * A model whose thresholds are turned from outside: a threshold at each site, θ of each a graph input, one number or
 * one for each channel. One session serves a whole search.
 */
import { fromNumbers, type Graph, insertThresholds, type Model, type Theta, type ValueInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { type DType, isFloat, sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import type { GateKind } from '../calibration/index.js';
import type { FoundSites, Site } from './sites.js';

export interface AdjustableModel {
  readonly model: Model;
  readonly sites: readonly Site[];
  /** Channels of each site where there is one θ for each, else null. */
  readonly channels: readonly (number | null)[];
  /** What each site's threshold lets through or silences: the name of the value in front of it. */
  readonly raw: readonly string[];
  /** What to feed beside the samples, for one threshold a site; `undefined` lets everything through. */
  feeds(thetas: readonly (Theta | undefined)[]): Feeds;
}

/** @param perChannel one θ for each channel, at the sites whose number of channels is known. */
export function adjustable({ model, sites, ops }: FoundSites, gate: GateKind, perChannel = false): AdjustableModel {
  const name = (position: number) => `rheobase/theta/${position}`;
  const { model: inserted } = insertThresholds(
    model,
    { ops, positions: sites.map(({ position }) => position) },
    {
      comparison: gate === 'value' ? 'greater' : 'magnitude',
      lowering: 'where',
      threshold: ({ position }) => ({ input: name(position), value: 0 }),
    },
  );
  const shapes = sites.map((site) => (perChannel ? shapeOfThetas(site) : []));
  const lowest = gate === 'value' ? Number.NEGATIVE_INFINITY : -1;
  return {
    model: {
      ...inserted,
      graph: withShapes(
        inserted.graph,
        new Map(sites.map((site, index) => [name(site.position), shapes[index] ?? []])),
      ),
    },
    sites,
    channels: shapes.map((shape) => shape[0] ?? null),
    raw: sites.map(({ value }) => valueBehind(inserted.graph, value)),
    feeds: (thetas) =>
      Object.fromEntries(
        sites.map(({ position, type }, index) => [
          name(position),
          thetaTensor(type?.dtype, shapes[index] ?? [], thetas[index] ?? lowest),
        ]),
      ),
  };
}

/** What the gate at a site chooses between is its value as it was, and 0. */
function valueBehind({ nodes, initializers }: Graph, value: string): string {
  const constants = new Set(initializers.map(({ name }) => name));
  const gate = nodes.find(({ outputs }) => outputs.includes(value));
  return gate?.inputs.slice(1).find((name) => !constants.has(name)) ?? value;
}

/** The thresholds broadcast against the activation; `[]` where the number of channels is not known. */
function shapeOfThetas({ type, channelAxis: axis }: Site): readonly number[] {
  const shape = type?.shape;
  if (!shape || axis === undefined) return [];
  const channels = shape[axis];
  return typeof channels === 'number' ? [channels, ...shape.slice(axis + 1).map(() => 1)] : [];
}

function withShapes(graph: Graph, shapes: ReadonlyMap<string, readonly number[]>): Graph {
  const inputs = graph.inputs.map((info): ValueInfo => {
    const shape = shapes.get(info.name);
    return shape === undefined || info.type.kind !== 'tensor' ? info : { ...info, type: { ...info.type, shape } };
  });
  // Without its default a threshold must be fed: ONNX Runtime's JavaScript API does not list inputs that have one.
  const initializers = graph.initializers.filter((initializer) => !shapes.has(initializer.name));
  return { ...graph, inputs, initializers };
}

function thetaTensor(dtype: DType | undefined, shape: readonly number[], theta: Theta): Tensor {
  const numbers = typeof theta === 'number' ? new Array<number>(sizeOf(shape)).fill(theta) : theta;
  const made = dtype !== undefined && isFloat(dtype) ? fromNumbers(dtype, numbers, shape) : undefined;
  if (made !== undefined) return made;
  throw badInput(`a threshold of ${dtype ?? 'unknown type'} cannot be searched`, { remedy: 'use a float32 model' });
}
