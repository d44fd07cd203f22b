/**
 * A divergence in a folder that anyone can replay: the model, the inputs, what each side made of them, and where that
 * was. Everything is in a format that other tools read as well:
 *
 *     README.md       what is wrong, in one line fit for a bug report, and the command that shows it
 *     model.onnx      with its weights in it
 *     reference.onnx  the model that the expected outputs are of, where that is another one
 *     inputs.npz      keys are the model's inputs
 *     expected.npz    the baseline's outputs
 *     actual.npz      the other side's outputs; missing where it gave none
 *     bundle.json     `rheobase/bundle@1`: the above, the reason, the tolerance, both backends, the machine
 *
 * NumPy lacks some element types (bfloat16, the 8-bit floats). Tensors among which there is one go into a folder of ONNX's
 * own .pb files, `inputs/x.pb`.
 */
import type { Model } from '@rheobase/exporter';
import type { BackendId, Feeds } from '@rheobase/runtime';
import type { Environment, FirstDivergence } from '../report/verify-report.js';
import type { Tolerance } from '../tolerances/index.js';

export interface Bundle {
  /** One line fit for the title of a bug report. */
  readonly title: string;
  /** Why the two sides disagree, in one line. */
  readonly reason: string;
  readonly model: Model;
  /** The model that `expected` is of, where that is another one. */
  readonly reference?: Model;
  /** Name of the case that the inputs are of. */
  readonly case: string;
  readonly inputs: Feeds;
  readonly expected: BundleSide;
  readonly actual: BundleSide;
  /** Who is to blame inside the model, null where nobody is. */
  readonly firstDivergence: FirstDivergence | null;
  /** What the two were held to; null where that was not about numbers (one side gave none). */
  readonly tolerance: Tolerance | null;
  readonly environment: Environment;
}

/** One of the two that disagree. */
export interface BundleSide {
  readonly backend: BackendId;
  readonly runtimeVersion: string | null;
  readonly implementation: string | null;
  readonly device: string | null;
  /** Null where the backend gave none: then `error` says why. */
  readonly outputs: Feeds | null;
  readonly error: string | null;
}
