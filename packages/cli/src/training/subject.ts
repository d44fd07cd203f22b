/** What `rheobase train` is asked to train: a recipe, a module of layers or of a model, an ONNX file. */
import {
  badInput,
  type Layer,
  type Model,
  RECIPES,
  RheobaseError,
  type Sequential,
  sequential,
} from '@rheobase/exporter';
import { importModule, madeByModule, readModelFile } from '@rheobase/exporter/node';
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

/** The default export: layers, a network of `sequential`, a model, or a function that makes one. */
async function fromModule(source: string): Promise<Subject> {
  const module = await importModule(source);
  const made = await madeByModule(source, module.default);
  if (isModel(made)) return fromModel(source, made);
  const network = Array.isArray(made) && made.every(isLayer) ? sequential(made) : isSequential(made) ? made : undefined;
  if (network === undefined) {
    throw badInput('its default export is nothing to train', {
      where: source,
      remedy: 'export default a list of layers, sequential([…]), a model, or a function that makes one',
    });
  }
  const given = givenShape(source, module.inputShape);
  const inputShape = (data: readonly number[]) => given ?? naturalShape(network.layers, data);
  return { name: source, kind: 'layers', network, inputShape };
}

/** What a module says of the extents of an example; undefined where it says nothing. */
function givenShape(source: string, given: unknown): readonly number[] | undefined {
  if (given === undefined) return undefined;
  if (Array.isArray(given) && given.every((extent) => Number.isInteger(extent) && extent > 0)) return given;
  throw badInput('its inputShape is no list of extents', { where: source, remedy: 'export const inputShape = [784]' });
}

/** Images for a first layer that wants vectors, or channels: flattened, or with one channel. */
function naturalShape([first]: readonly Layer[], data: readonly number[]): readonly number[] {
  if (first?.kind === 'dense' && data.length > 1) return [data.reduce((product, extent) => product * extent, 1)];
  if (first?.kind !== 'conv2d') return data;
  if (data.length === 2) return [1, ...data];
  const [height, width, channels] = data;
  return data.length === 3 && channels <= 4 && height > 4 ? [channels, height, width] : data;
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
