/** The elements of one tensor in an external file: checked against the file at once, read when they are asked for. */
import { elementByteLength } from '../codec/element-bytes.js';
import { excerpt, shapeExcerpt } from '../codec/excerpt.js';
import { badInput } from '../errors.js';
import type { ExternalSource, Initializer, InitializerContent } from '../model/model.js';
import { type DType, type Tensor, tensorFromBytes } from '../tensor/index.js';
import type { ExternalFile, FileRange } from './external-file.js';

type ExternalContent = Extract<InitializerContent, { kind: 'external' }>;

export class ExternalElements implements ExternalSource {
  /** Held weakly: walking over a model larger than memory must not gather all of it. */
  private kept: WeakRef<Tensor> | undefined;

  private constructor(
    readonly folder: string,
    private readonly file: ExternalFile,
    private readonly range: FileRange,
    private readonly dtype: Exclude<DType, 'string'>,
    private readonly shape: readonly number[],
  ) {}

  /** @throws RheobaseError `bad-input` where dtype and shape take another length, or the file is too short. */
  static in(file: ExternalFile, tensor: Initializer, content: ExternalContent, folder: string): ExternalElements {
    const { dtype, shape } = tensor;
    if (dtype === 'string') throw badInput('strings cannot be external data');
    const { offset, length } = content;
    const range = { offset, length: elementByteLength(dtype, shape) };
    if (length !== null && length !== range.length) {
      const what = `${dtype} of shape ${shapeExcerpt(shape)} takes ${range.length} bytes`;
      throw badInput(`${what}, its external data has the length ${length}`);
    }
    // Not the other way round: a length that is no number must not pass.
    if (!(offset + range.length <= file.size)) {
      const what = `its external data are the ${range.length} bytes from ${offset}`;
      throw badInput(`${what}, the file '${excerpt(file.location)}' has ${file.size}`, {
        remedy: 'copy or download the file again',
      });
    }
    return new ExternalElements(folder, file, range, dtype, shape);
  }

  data(): Tensor {
    const known = this.kept?.deref();
    if (known !== undefined) return known;
    const tensor = tensorFromBytes(this.dtype, this.shape, this.file.read(this.range));
    this.kept = new WeakRef(tensor);
    return tensor;
  }

  chunks(): Iterable<Uint8Array> {
    return this.file.chunks(this.range);
  }
}
