/**
 * What ONNX Runtime throws, as errors that say what is wrong, where, and of which kind. Its messages come wrapped in
 * C++ source locations and signatures, in numbers of status codes (WASM), or as a bare number where a C++ exception
 * left WASM unexplained. The patterns are those of version 1.30, collected from its CPU, WebGPU and WASM builds; a
 * message that none of them knows is told as it is.
 */
import { type ErrorCode, RheobaseError } from '@rheobase/exporter/errors';
import { dtypeFromOnnx } from '@rheobase/exporter/tensor';

/** `OrtErrorCode` (onnxruntime_c_api.h) where it tells whose fault it was. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  2: 'bad-input', // ORT_INVALID_ARGUMENT
  3: 'bad-input', // ORT_NO_SUCHFILE
  7: 'bad-input', // ORT_INVALID_PROTOBUF
  9: 'unsupported', // ORT_NOT_IMPLEMENTED
  10: 'bad-input', // ORT_INVALID_GRAPH
};

interface Finding {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: string;
  readonly remedy?: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly find: (match: RegExpExecArray) => Finding;
}

const CAST_AT_THE_EDGE = 'put a Cast at the edge of the model';
const LESS_MEMORY = 'use a smaller model or batch';

const RULES: readonly Rule[] = [
  {
    pattern: /No Op registered for (\S+) with domain_version of (\d+)/,
    find: ([, op, version]) => ({
      code: 'unsupported',
      what: `ONNX Runtime has no operator ${op} at opset ${version}`,
    }),
  },
  {
    pattern: /(\S+?)\(-?\d+\) is not a registered function\/op/,
    find: ([, op]) => ({ code: 'unsupported', what: `ONNX Runtime has no operator ${op}` }),
  },
  {
    pattern: /Could not find an implementation for (\S+?)\((\d+)\) node with name '(.*?)'/,
    find: ([, op, version, name]) => ({
      code: 'unsupported',
      what: `there is no kernel of ${op} version ${version} for these element types`,
      where: place(name, op),
    }),
  },
  {
    pattern: /Provider type for (\S+) node with name '(.*?)' is not set/,
    find: ([, op, name]) => ({
      code: 'unsupported',
      what: `there is no kernel of ${op} for these element types`,
      where: place(name, op),
    }),
  },
  {
    pattern: /Failed to find kernel for (\S+?)\((\d+)\) \(node:'(.*?)'/,
    find: ([, op, version, name]) => ({
      code: 'unsupported',
      what: `there is no kernel of ${op} version ${version} for these element types`,
      where: place(name, op),
    }),
  },
  {
    pattern: /Program \S+ requires (\S+) but the device does not support it/,
    find: ([, feature]) => ({ code: 'unsupported', what: `the GPU has no ${feature}` }),
  },
  {
    pattern: /Opset (\d+) is under development.* domain (\S+) is till opset (\d+)/,
    find: ([, opset, domain, newest]) => ({
      code: 'unsupported',
      what: `opset ${opset} of ${domain} is newer than ${newest}, the newest that ONNX Runtime knows`,
      remedy: `export the model with opset ${newest} or lower`,
    }),
  },
  {
    pattern: /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    find: ([, version, newest]) => ({
      code: 'unsupported',
      what: `IR version ${version} is newer than ${newest}, the newest that ONNX Runtime knows`,
    }),
  },
  {
    pattern: /MLDataType for: (\S+) is not currently registered/,
    find: ([, type]) => ({ code: 'unsupported', what: `this build of ONNX Runtime has no values of type ${type}` }),
  },
  {
    // How a build without optionals refuses an operator that makes one.
    pattern: /output arg \((.*?)\) type inference failed, inferred types:/,
    find: ([, value]) => ({
      code: 'unsupported',
      what: `this build of ONNX Runtime has no values of the type of ${value}`,
    }),
  },
  {
    pattern: /unsupported data type: (\d+)/i,
    find: ([, number]) => ({
      code: 'unsupported',
      what: `an input or output is ${dtypeFromOnnx(Number(number)) ?? `of element type ${number}`}, which ONNX Runtime's JavaScript API cannot carry`,
      remedy: CAST_AT_THE_EDGE,
    }),
  },
  {
    pattern: /(?:Tensor\.type is not supported|unsupported type|Unsupported tensor type): (\w+)/,
    find: ([, dtype]) => ({
      code: 'unsupported',
      what: `ONNX Runtime's JavaScript API cannot carry ${dtype} here`,
      remedy: CAST_AT_THE_EDGE,
    }),
  },
  {
    pattern: /Non tensor type is temporarily not supported|non-tensor typed value/,
    find: () => ({ code: 'unsupported', what: "ONNX Runtime's JavaScript API cannot carry what is no tensor" }),
  },
  {
    pattern: /no available backend found\. ERR: (.*)/,
    find: ([, reasons]) => ({ code: 'unavailable', what: `ONNX Runtime has no such provider here: ${reasons}` }),
  },
  {
    pattern: /Failed to get a WebGPU (?:adapter|device).*/,
    find: ([text]) => ({ code: 'unavailable', what: text }),
  },
  {
    pattern: /OrtSessionOptionsAppendExecutionProvider_\w+: .*/,
    find: ([text]) => ({ code: 'unavailable', what: text }),
  },
  {
    pattern: /protobuf parsing failed|No graph was found in the protobuf|Model data pointer is null/,
    find: () => ({ code: 'bad-input', what: 'this is not an ONNX model, or its file is cut short' }),
  },
  {
    pattern: /File doesn't exist|ENOENT: no such file[^']*'(.*?)'/,
    find: ([, path]) => ({ code: 'bad-input', what: `${path ?? 'the file'} does not exist` }),
  },
  {
    pattern: /External data path does not exist: "(.*?)"|Failed to load external data file "*(.*?)"+,/,
    find: ([, path, location]) => ({
      code: 'bad-input',
      what: `the weights in ${path ?? location} cannot be read`,
      remedy: 'put that file beside the model',
    }),
  },
  {
    pattern: /does not match data length|Got invalid dimensions|Invalid rank for input|Unexpected input data type/,
    find: ({ input }) => ({ code: 'bad-input', what: input.replace(/ Please fix either.*/, '') }),
  },
  {
    pattern: /Failed to allocate memory|bad_alloc|Tensor shape is too large|memory access out of bounds|Out of memory/i,
    find: ({ input }) => ({ code: 'failed', what: `memory ran out: ${input}`, remedy: LESS_MEMORY }),
  },
  {
    pattern: /dimension mismatch|cannot be reshaped|broadcast|out of data bounds|incompatible dimension/i,
    find: ({ input }) => ({ code: 'bad-input', what: input }),
  },
  {
    pattern: /^(?:Fatal error: )?(?:This is an invalid model\. ?(?:Error: )?|Invalid model\. )(.*)/,
    find: ([, text]) => ({ code: 'bad-input', what: text }),
  },
  {
    pattern: /Type Error: .*|\[ShapeInferenceError\] .*|No opset import for domain .*|Unrecognized attribute: .*/,
    find: ([text]) => ({ code: 'bad-input', what: text.replace('[ShapeInferenceError] ', '') }),
  },
  {
    pattern: /\b(?:is|are) not (?:currently )?supported\b/,
    find: ({ input }) => ({ code: 'unsupported', what: input }),
  },
];

/** @param doing What was tried, as a clause: `the model cannot be loaded`. */
export function explainOrtError(error: unknown, doing: string): RheobaseError {
  if (error instanceof RheobaseError) return error;
  if (typeof error === 'number') {
    return new RheobaseError('failed', `${doing}: the WASM module threw exception ${error} without a message`, {
      remedy: `memory has most likely run out; ${LESS_MEMORY}`,
    });
  }
  const { text, where, status } = unwrap(error instanceof Error ? error.message : String(error));
  const found = RULES.map(({ pattern, find }) => ({ find, match: pattern.exec(text) })).find(({ match }) => match);
  const finding: Finding = found?.match
    ? found.find(found.match)
    : { code: (status === undefined ? undefined : CODE_OF_STATUS[status]) ?? 'failed', what: text };
  const place = where ?? finding.where;
  // What is missing altogether is not about the model at hand.
  const what = finding.code === 'unavailable' ? finding.what : `${doing}: ${finding.what}`;
  return new RheobaseError(finding.code, what, {
    ...(place === undefined ? {} : { where: place }),
    ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }),
    cause: error,
  });
}

interface Unwrapped {
  readonly text: string;
  /** The node that the message is about. */
  readonly where?: string;
  /** `OrtErrorCode`, which the WASM build tells. */
  readonly status?: number;
}

/** Takes a message out of its wrappings: status code, node, source location, signature and failed C++ condition. */
function unwrap(message: string): Unwrapped {
  let text = message.replace(/\s+/g, ' ').trim();
  let status: number | undefined;
  let where: string | undefined;
  const take = (pattern: RegExp, use: (match: RegExpExecArray) => void): void => {
    const match = pattern.exec(text);
    if (match === null) return;
    use(match);
    text = text.slice(match.index + match[0].length);
  };
  take(/^.*?ERROR_CODE: (\d+), ERROR_MESSAGE: /, ([, code]) => {
    status = Number(code);
  });
  take(/^Load model from .*? failed: ?/, () => {});
  take(/^Exception during initialization: /, () => {});
  take(/^Non-zero status code returned while running (\S+) node\. Name:'(.*?)' Status Message: /, ([, op, name]) => {
    where = place(name, op);
  });
  take(/^This is an invalid model\. In Node, \("(.*?)", (\S+?), .*? , Error /, ([, name, op]) => {
    where = place(name, op);
  });
  take(/^Node \((.*?)\) Op \((.*?)\) /, ([, name, op]) => {
    where = place(name, op);
  });
  // `/path/file.cc:12 signature(…) condition was false. The message`; without a message the condition is all there is.
  const sourceLocation = /^\S*\.(?:cc|cpp|h):\d+ /;
  if (/^.*? was false\. ./.test(text)) take(/^.*? was false\. /, () => {});
  else if (sourceLocation.test(text)) take(/^\S+ (?:.*?\)(?: const)?(?:::<\w+>\(\))? (?=[A-Z[]))?/, () => {});
  return { text, ...(where === undefined ? {} : { where }), ...(status === undefined ? {} : { status }) };
}

function place(name: string | undefined, op: string | undefined): string {
  return name ? `node ${name} (${op})` : `a node (${op})`;
}
