/** Options of every command that reads examples: which data, how its targets are found, and what is kept for testing. */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { datasetTensors, type Scaling, withInputShape } from '@rheobase/trainer';
import { type OpenDatasetOptions, type OpenedDataset, openDataset } from '@rheobase/trainer/node';

export interface DataArguments {
  data: string;
  labels?: string;
  'label-column'?: string;
  header?: boolean;
  scale: Scaling;
}

export const DATA_KINDS =
  'mnist; a .npz with x and y, or images and labels; IMAGES,LABELS as IDX or .npy; a .csv; each plain or .gz; a folder in MNIST’s layout; or a module';

/** For yargs’ `options`. */
export const DATA_OPTIONS = {
  data: { type: 'string', default: 'mnist', describe: `Examples: ${DATA_KINDS}` },
  labels: { type: 'string', describe: 'A file with the targets (.npy or IDX), where they are not in the data' },
  'label-column': {
    type: 'string',
    describe:
      'Of a CSV: the target’s column by name or number from 0; default label, class, target or y, else the last',
  },
  header: { type: 'boolean', describe: 'Of a CSV: whether its first line names the columns; default found out' },
  scale: {
    choices: ['auto', 'pixels', 'none'],
    default: 'auto',
    describe: 'Inputs divided by 255 where they are pixels, always, or never',
  },
} as const;

/** @throws RheobaseError `bad-input`, naming file and place, for data that cannot be read. */
export async function openData(args: DataArguments, options: OpenDatasetOptions = {}): Promise<OpenedDataset> {
  const { data, labels, header, scale } = args;
  const column = args['label-column'];
  return openDataset(data, {
    scaling: scale,
    ...(labels === undefined ? {} : { labels }),
    ...(column === undefined ? {} : { labelColumn: column }),
    ...(header === undefined ? {} : { header }),
    ...options,
  });
}

export interface CalibrationExamples {
  /** float32 `[count, …inputShape]`. */
  readonly x: Tensor;
  /** int64 `[count]` classes, or float32; undefined where the data has no targets. */
  readonly y: Tensor | undefined;
}

/**
 * The first `limit` training examples in the shape of a model's input, with targets where there are any.
 * @param inputShape extents of one example; where one is not known, examples stay as they are.
 * @throws RheobaseError as `openData`, and where the examples do not fit the input.
 */
export async function calibrationExamples(
  args: DataArguments,
  inputShape: readonly (number | string | null)[],
  limit: number,
): Promise<CalibrationExamples> {
  const isKnown = inputShape.every((extent) => typeof extent === 'number');
  const shape = isKnown ? (inputShape as readonly number[]) : undefined;
  const features = shape?.reduce((product, extent) => product * extent, 1);
  const { train, labelled } = await openData(args, {
    labelled: false,
    testSplit: 0,
    limit,
    ...(features === undefined ? {} : { features }),
  });
  try {
    const { x, y } = datasetTensors(shape === undefined ? train : withInputShape(train, shape));
    return { x, y: labelled ? y : undefined };
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(args.data) : badInput(String(error), { where: args.data });
  }
}
