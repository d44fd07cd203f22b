import { describe, expect, it } from 'vitest';
import { explainOrtError } from './ort-errors.js';

/** Messages as ONNX Runtime 1.30 gave them, on the builds named; the live ones are in runtime-node's tests. */
const CASES: readonly [build: string, thrown: unknown, code: string, message: string | RegExp][] = [
  [
    'webgpu',
    "Can't create a session. ERROR_CODE: 1, ERROR_MESSAGE: Node (Optional of o) Op (Optional) output arg (o) type inference failed, inferred types: index=0,optional(seq(tensor(uint16))),optional(tensor(float))",
    'unsupported',
    'node Optional of o (Optional): it failed: this build of ONNX Runtime has no values of the type of o',
  ],
  [
    'wasm',
    "Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: No Op registered for NoSuchOp with domain_version of 21",
    'unsupported',
    'it failed: ONNX Runtime has no operator NoSuchOp at opset 21',
  ],
  [
    'node',
    'This is an invalid model. In Node, ("n", NoSuchOp, "", -1) : ("x": tensor(float),) -> ("y": tensor(float),) , Error No Op registered for NoSuchOp with domain_version of 21',
    'unsupported',
    'node n (NoSuchOp): it failed: ONNX Runtime has no operator NoSuchOp at opset 21',
  ],
  [
    'webgpu',
    "Exception during initialization: /onnxruntime_src/onnxruntime/core/optimizer/transformer_memcpy.cc:253 bool onnxruntime::TransformerMemcpyImpl::IsNodeCompatibleWithProvider(const onnxruntime::Node&) const !node_provider_type.empty() was false. Provider type for Cast node with name '' is not set.\n",
    'unsupported',
    'a node (Cast): it failed: there is no kernel of Cast for these element types',
  ],
  [
    'wasm',
    "failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: Non-zero status code returned while running MatMul node. Name:'m' Status Message: matmul_helper.h:61 Compute MatMul dimension mismatch",
    'bad-input',
    'node m (MatMul): it failed: Compute MatMul dimension mismatch',
  ],
  [
    'node',
    "Non-zero status code returned while running Reshape node. Name:'r' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:91 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == requested_shape_size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{2,3}, requested shape:{4,4}\n",
    'bad-input',
    'node r (Reshape): it failed: The input tensor cannot be reshaped to the requested shape. Input shape:{2,3}, requested shape:{4,4}',
  ],
  [
    'wasm',
    'failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: /mnt/x/core/common/safeint.h:17 static void SafeIntExceptionHandler<onnxruntime::OnnxRuntimeException>::SafeIntOnOverflow() Integer overflow\n',
    'failed',
    'it failed: Integer overflow',
  ],
  [
    'webgpu',
    "Non-zero status code returned while running Max node. Name:'m' Status Message: GenerateSourceCode Program Max requires f16 but the device does not support it.",
    'unsupported',
    'node m (Max): it failed: the GPU has no f16',
  ],
  [
    'webgpu',
    "Non-zero status code returned while running BatchNormalization node. Name:'' Status Message: BatchNormalization trainingMode is not supported yet.",
    'unsupported',
    'a node (BatchNormalization): it failed: BatchNormalization trainingMode is not supported yet.',
  ],
  [
    'web webgpu',
    "Can't create a session. ERROR_CODE: 1, ERROR_MESSAGE: Exception during loading: MLDataType for: tensor(float8e8m0) is not currently registered or supported",
    'unsupported',
    'it failed: this build of ONNX Runtime has no values of type tensor(float8e8m0)',
  ],
  ['wasm', 12345, 'failed', /exception 12345 without a message; memory has most likely run out/],
  ['node', new Error('no available backend found. ERR: [dml] backend not found.'), 'unavailable', /dml/],
  ['any', 'something never seen', 'failed', 'it failed: something never seen'],
  [
    'wasm',
    "Can't create a session. ERROR_CODE: 10, ERROR_MESSAGE: something never seen",
    'bad-input',
    'it failed: something never seen',
  ],
];

describe('explainOrtError', () => {
  it.each(CASES)('%s: %s', (_build, thrown, code, message) => {
    const error = explainOrtError(thrown, 'it failed');
    expect(error.code).toBe(code);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });
});
