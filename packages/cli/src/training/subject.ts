/** What `rheobase train` is asked to train: a recipe, a module of layers or of a model, an ONNX file. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  badInput,
  type Layer,
  type Model,
  RECIPES,
  RheobaseError,
  type Sequential,
  sequential,
} from '@rheobase/exporter';
import { readModelFile } from '@rheobase/exporter/node';
import { exampleShapeOf, type RecipeChoice, recipeNetwork, recipeOf, trainableModel } from '@rheobase/trainer';

export interface Subject {
  /** How logs and errors call it. */
  readonly name: string;
  readonly kind: 'recipe' | 'layers' | 'model';
  readonly network: Sequential;
  /** Extents of one example as it takes them, from those of the data. */
  inputShape(data: readonly number[]): readonly number[];
}

/** @throws RheobaseError `bad-input` for a name that is none of these, and for a file that cannot be read as one. */
export async function readSubject(source: string, choice: RecipeChoice): Promise<Subject> {
  if (Object.hasOwn(RECIPES, source)) {
    const { inputShape } = recipeOf(source);
    return { name: source, kind: 'recipe', network: recipeNetwork(source, choice), inputShape: () => inputShape };
  }
  if (/\.[cm]?[jt]s$/.test(source)) return fromModule(source);
  if (/\.onnx$/i.test(source) || /[/\\]/.test(source)) return fromModel(source, await readModelFile(source));
  throw badInput(`no recipe is called ${JSON.stringify(source)}`, {
    remedy: `choose ${Object.keys(RECIPES).join(', ')}, or give an ONNX file or a module`,
  });
}

function fromModel(name: string, model: Model): Subject {
  try {
    const network = trainableModel(model);
    return { name, kind: 'model', network, inputShape: (data) => exampleShapeOf(model, data) };
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(name) : error;
  }
}

interface LayersModule {
  readonly default?: unknown;
  readonly inputShape?: readonly number[];
}

/** The default export: layers, a network of `sequential`, a model, or a function that makes one. */
async function fromModule(source: string): Promise<Subject> {
  const module = await imported(source);
  const made = await madeBy(source, module.default);
  if (isModel(made)) return fromModel(source, made);
  const network = Array.isArray(made) && made.every(isLayer) ? sequential(made) : isSequential(made) ? made : undefined;
  if (network === undefined) {
    throw badInput('its default export is nothing to train', {
      where: source,
      remedy: 'export default a list of layers, sequential([…]), a model, or a function that makes one',
    });
  }
  const inputShape = (data: readonly number[]) => module.inputShape ?? naturalShape(network.layers, data);
  return { name: source, kind: 'layers', network, inputShape };
}

/** Images for a first layer that wants vectors, or channels: flattened, or with one channel. */
function naturalShape([first]: readonly Layer[], data: readonly number[]): readonly number[] {
  if (first?.kind === 'dense' && data.length > 1) return [data.reduce((product, extent) => product * extent, 1)];
  if (first?.kind !== 'conv2d') return data;
  if (data.length === 2) return [1, ...data];
  const [height, width, channels] = data;
  return data.length === 3 && channels <= 4 && height > 4 ? [channels, height, width] : data;
}

async function imported(source: string): Promise<LayersModule> {
  try {
    return await import(pathToFileURL(resolve(source)).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badInput(`cannot be imported: ${reason}`, { where: source, cause });
  }
}

async function madeBy(source: string, made: unknown): Promise<unknown> {
  if (typeof made !== 'function') return made;
  try {
    return await made();
  } catch (error) {
    if (error instanceof RheobaseError) throw error.within(source);
    throw badInput(error instanceof Error ? error.message : String(error), { where: source, cause: error });
  }
}

function isModel(value: unknown): value is Model {
  return typeof value === 'object' && value !== null && 'graph' in value && 'opsets' in value;
}

function isSequential(value: unknown): value is Sequential {
  return typeof value === 'object' && value !== null && 'build' in value && 'toModel' in value;
}

function isLayer(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null && 'kind' in value && 'forward' in value;
}
