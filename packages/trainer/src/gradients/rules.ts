/** All gradient rules, by operator type of ai.onnx. */
import type { GradientRule } from './rule.js';
import { ACTIVATIONS } from './rules/activations.js';
import { ARITHMETIC } from './rules/arithmetic.js';
import { ATTENTION } from './rules/attention.js';
import { CONVOLUTION } from './rules/convolution.js';
import { EINSUM } from './rules/einsum.js';
import { ELEMENTARY } from './rules/elementary.js';
import { INDEXING } from './rules/indexing.js';
import { JOINING } from './rules/joining.js';
import { LAYOUT } from './rules/layout.js';
import { LOSSES } from './rules/losses.js';
import { MATRIX } from './rules/matrix.js';
import { NORMALIZATION } from './rules/normalization.js';
import { POOLING } from './rules/pooling.js';
import { RECURRENT } from './rules/recurrent.js';
import { REDUCTIONS } from './rules/reductions.js';
import { RESIZE } from './rules/resize.js';
import { SCATTERING } from './rules/scattering.js';
import { SOFTMAX } from './rules/softmax.js';

const TABLES = [
  ...[
    ACTIVATIONS,
    ARITHMETIC,
    ATTENTION,
    CONVOLUTION,
    EINSUM,
    ELEMENTARY,
    INDEXING,
    JOINING,
    LAYOUT,
    LOSSES,
    MATRIX,
    NORMALIZATION,
  ],
  ...[POOLING, RECURRENT, REDUCTIONS, RESIZE, SCATTERING, SOFTMAX],
];

export const RULES: ReadonlyMap<string, GradientRule> = new Map(TABLES.flatMap((table) => Object.entries(table)));
