export type { AttributeScalar } from '../analysis/node-attributes.js';
export * from './apply-rules.js';
export * from './conditions.js';
export type { Match } from './match.js';
export {
  type AnyPattern,
  any,
  type ConstantPattern,
  constant,
  describePattern,
  type EitherPattern,
  either,
  type OpOptions,
  type OpPattern,
  op,
  optional,
  type Pattern,
  type ProductPattern,
  product,
} from './pattern.js';
export * from './rule.js';
export * from './rules/index.js';
