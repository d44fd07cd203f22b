/**
 * Generates src/generated/ops.ts: one typed function an operator of ai.onnx, in its newest version. Inputs come by
 * position; optional inputs and attributes by name, in one options object. Type variables of the schema are type
 * parameters, so that mixing element types does not compile.
 *
 * Input: operators.json (the schemas) and operator-notes.json (what they do not say).
 *
 *     node schema/generate-ops.mjs           writes the module
 *     node schema/generate-ops.mjs --print   prints it (the test compares)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { camelCase, functionName } from './op-names.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { operators, typeSets } = read('./operators.json');
const notes = read('./operator-notes.json');
const target = new URL('../src/generated/ops.ts', import.meta.url);

const FLAGS = new Set(notes.flags);
const POSITIONAL = new Set(notes.positional);
const BY_HAND = new Set(notes.byHand);
const EITHER_FIRST = new Set(notes.eitherFirst);
const NO_LITERALS = new Set(notes.noLiterals);
const COUNTS = new Set(notes.literals);
const VECTORS = new Set(notes.vectors);
const NUMBERS = /^(u?int|b?float|complex)/;

/** One operator, ready to be written. */
function describe(opType, versions) {
  const newest = versions.at(-1);
  const names = (variable) => {
    const set = newest.types[variable];
    return set === undefined ? [variable] : typeSets[set];
  };
  const inputs = newest.inputs.map((input) => ({ ...input, key: camelCase(input.name), types: names(input.type) }));
  const outputs = newest.outputs.map((output) => ({
    ...output,
    key: camelCase(output.name),
    types: names(output.type),
  }));
  const attributes = newest.attributes
    .filter(({ name }) => `${opType}.${name}` !== 'Constant.sparse_value')
    .map((attribute) => ({ ...attribute, key: camelCase(attribute.name) }));
  return { opType, versions, newest, inputs, outputs, attributes, generics: new Map() };
}

/** Whether an input is an option rather than a parameter. */
const isOption = ({ opType }, input) => input.optional === true && !POSITIONAL.has(`${opType}.${input.name}`);

/**
 * Type parameters: a variable of more than one type that an input by position decides, and that another input or an
 * output shares.
 */
function bindGenerics(op) {
  const relations = notes.sequences[op.opType] ?? {};
  const decided = new Set(
    op.inputs
      .filter((input) => !isOption(op, input))
      .map(({ type }) => (relations[type] ? /\((\w+)\)/.exec(relations[type])[1] : type)),
  );
  const uses = (variable) =>
    [...op.inputs, ...op.outputs].filter(({ type }) => type === variable || relations[type]?.includes(`(${variable})`))
      .length;
  for (const { type, types } of [...op.inputs, ...op.outputs]) {
    if (types.length < 2 || relations[type] !== undefined || !decided.has(type) || op.generics.has(type)) continue;
    if (uses(type) < 2) continue;
    op.generics.set(type, types.every((name) => !name.includes('(')) ? 'DType' : 'TypeName');
  }
  for (const relation of Object.values(relations)) {
    const variable = /\((\w+)\)/.exec(relation)[1];
    if (!op.generics.has(variable)) op.generics.set(variable, relation.startsWith('optional') ? 'TypeName' : 'DType');
  }
  const byAttribute = op.attributes.find(({ name }) => notes.dtypes[`${op.opType}.${name}`]);
  if (byAttribute === undefined) return op;
  const variable = notes.dtypes[`${op.opType}.${byAttribute.name}`];
  const { types } = op.outputs.find(({ type }) => type === variable) ?? { types: [] };
  op.byAttribute = { ...byAttribute, variable, types };
  return op;
}

const union = (names) => unionName(names) ?? names.map((name) => `'${name}'`).join(' | ');
const usedSets = new Map();
function unionName(names) {
  if (names.length < 4) return undefined;
  const key = names.join();
  const set = Object.entries(typeSets).find(([, types]) => types.join() === key)?.[0];
  if (set !== undefined) usedSets.set(set, names);
  return set;
}

/** The type a value has as an input or output. */
function valueType(op, { type, types }) {
  const relation = notes.sequences[op.opType]?.[type];
  if (relation !== undefined) {
    const [, wrapper, variable] = /(\w+)\((\w+)\)/.exec(relation);
    return `${wrapper === 'seq' ? 'SequenceOf' : 'OptionalOf'}<${variable}>`;
  }
  return op.generics.has(type) || type === op.byAttribute?.variable ? type : union(types);
}

function literals(types) {
  const kinds = [];
  if (types.some((name) => NUMBERS.test(name))) kinds.push('Numbers');
  if (types.includes('bool')) kinds.push('Flags');
  if (types.includes('string')) kinds.push('Texts');
  return kinds.join(' | ');
}

/** The type of an input as a parameter: a value, and where another input or the schema decides the type a literal. */
function inputType(op, input, seen) {
  const full = `${op.opType}.${input.name}`;
  const type = valueType(op, input);
  const isFirst = op.generics.has(input.type) && !seen.has(input.type);
  seen.add(input.type);
  if (isFirst && isIndex(op, input)) return `Value<${type}> | ${literals(input.types)}`;
  if (isFirst || !isTensor(input) || notes.sequences[op.opType]?.[input.type]) return `Value<${type}>`;
  if (op.generics.has(input.type)) {
    return NO_LITERALS.has(full) ? `Value<NoInfer<${type}>>` : `Operand<${type}, ${literals(input.types)}>`;
  }
  const isCount = input.types.length === 1 || input.types.every((name) => /^u?int/.test(name));
  const open = input.types.length > WIDE ? 'Value' : `Value<${type}>`;
  return (isCount && op.inputs[0] !== input) || COUNTS.has(full) || isSize(input)
    ? `${open} | ${literals(input.types)}`
    : open;
}

const isTensor = ({ types }) => types.every((name) => !name.includes('('));
/** Positions and counts, whose type no output has: literals may decide it. */
const isIndex = (op, { type, types }) =>
  types.every((name) => name === 'int32' || name === 'int64') &&
  !op.outputs.some((output) => output.type === type) &&
  op.inputs[0].type !== type;
/** A first input that is a number of elements. */
const isSize = ({ name }) => name === 'size' || name === 'num_mel_bins';
/** A variable that nothing else shares takes any value if it allows more types than this; the call itself checks it. */
const WIDE = 7;

function attributeType(op, { name, type }) {
  const full = `${op.opType}.${name}`;
  if (op.byAttribute?.name === name) return op.byAttribute.variable;
  if (full in notes.dtypes) return 'DType';
  const choices = notes.choices[full] ?? notes.choices[name];
  if (type === 'string') return choices === undefined ? 'string' : choices.map((choice) => `'${choice}'`).join(' | ');
  if (type === 'int') return FLAGS.has(name) ? 'boolean' : 'number';
  const plain = {
    float: 'number',
    floats: 'readonly number[]',
    ints: 'readonly number[]',
    strings: 'readonly string[]',
  };
  return { ...plain, tensor: 'Tensor', type_proto: 'ValueType' }[type];
}

/** What the interface's comment says of an attribute. */
function attributeNote(op, attribute) {
  const { name, type, required, default: text } = attribute;
  const since = op.versions.find(({ attributes }) => attributes.some((other) => other.name === name)).since;
  const later = since > op.versions[0].since ? `Opset ${since}. ` : '';
  if (required) return `${later}Required.`;
  if (text === undefined) return `${later}Left out by default.`;
  if (`${op.opType}.${name}` in notes.dtypes)
    return `${later}Default ${text === '0' ? 'by the inputs' : DTYPE_NAMES[text]}.`;
  if (type === 'int' && FLAGS.has(name)) return `${later}Default ${text === '1'}.`;
  return `${later}Default ${type === 'string' ? `'${text}'` : text.replaceAll("'", '').replace(/[()]/g, '')}.`;
}
const DTYPE_NAMES = { 1: 'float32', 6: 'int32' };

function typeParameters(op, { withAttribute = true, only } = {}) {
  const parameters = [...op.generics]
    .filter(([name]) => only === undefined || only.has(name))
    .map(([name, bound]) => {
      const input = op.inputs.find(({ type }) => type === name);
      return input !== undefined && isIndex(op, input)
        ? `${name} extends ${union(input.types)} = 'int64'`
        : `${name} extends ${bound}`;
    });
  if (withAttribute && op.byAttribute !== undefined) {
    const { variable, required, types, default: text } = op.byAttribute;
    const bound = union(types);
    const like = op.inputs.find(({ type }) => op.generics.has(type) || type === 'T1');
    const fallback =
      text !== undefined && text !== '0' ? `'${DTYPE_NAMES[text]}'` : like === undefined ? `'float32'` : bound;
    parameters.push(required ? `${variable} extends ${bound}` : `${variable} extends ${bound} = ${fallback}`);
  }
  return parameters.length === 0 ? '' : `<${parameters.join(', ')}>`;
}

/** The options interface, undefined for an operator without options. */
function optionsOf(op, seen) {
  const optional = op.inputs.filter((input) => isOption(op, input));
  if (optional.length + op.attributes.length === 0) return undefined;
  const fields = [
    ...optional.map((input) => ({ key: input.key, type: inputType(op, input, seen), note: 'Optional input.' })),
    ...op.attributes.map((attribute) => ({
      key: attribute.key,
      type: attributeType(op, attribute),
      note: attributeNote(op, attribute),
      required: attribute.required,
    })),
  ];
  const text = fields.map(({ type }) => type).join(' ');
  const used = new Set([...op.generics.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(text)));
  const parameters = typeParameters(op, { only: used });
  const names = [...used, ...(op.byAttribute === undefined ? [] : [op.byAttribute.variable])];
  return {
    name: `${op.opType}Options`,
    use: `${op.opType}Options${names.length === 0 ? '' : `<${names.join(', ')}>`}`,
    required: fields.some((field) => field.required),
    source: [
      `export interface ${op.opType}Options${parameters} {`,
      ...fields.flatMap(({ key, type, note, required }) => [
        `  /** ${note} */`,
        `  readonly ${key}${required ? '' : '?'}: ${type};`,
      ]),
      '}',
    ].join('\n'),
  };
}

function outputType(op) {
  const of = (output) => `Value<${valueType(op, output)}>`;
  if (op.outputs.length === 1) return of(op.outputs[0]);
  return `{ ${op.outputs.map((output) => `readonly ${output.key}: ${of(output)}`).join('; ')} }`;
}

/** How an input is passed on to makeNode. */
function argument(op, input, fixed) {
  if (fixed.variadic === input) return `...${input.key}`;
  const value = isOption(op, input) ? `options.${input.key}` : input.key;
  return VECTORS.has(`${op.opType}.${input.name}`) ? `vector(${value})` : value;
}

function attributeArgument(op, attribute) {
  const value = `options.${attribute.key}`;
  return `${attribute.name}: ${`${op.opType}.${attribute.name}` in notes.dtypes ? `dtypeNumber(${value})` : value}`;
}

function comment(op) {
  const { newest, versions } = op;
  const first = versions[0].since;
  const since = first === newest.since ? `Opset ${first}.` : `Opset ${first}, in this form ${newest.since}.`;
  const types = [...op.generics.keys()]
    .map((variable) => [variable, newest.types[variable]])
    .filter(([, set]) => set !== undefined)
    .map(([variable, set]) => `${variable}: ${shorten(typeSets[set])}.`);
  return [
    '/**',
    ` * ${notes.summaries[op.opType]} ${since}`,
    ...(types.length === 0 ? [] : [' *']),
    ...types.map((line) => ` * ${line}`),
    ' */',
  ];
}

function shorten(names) {
  const plain = names.filter((name) => !name.includes('('));
  const more = names.length > plain.length ? ', and sequences and optionals' : '';
  return `${plain.join(', ')}${more}`;
}

function write(opType, versions) {
  const op = bindGenerics(describe(opType, versions));
  const seen = new Set();
  const positional = op.inputs.filter((input) => !isOption(op, input));
  const variadic = positional.find((input) => input.variadic);
  const parameters = positional.map((input) => {
    if (input === variadic) return undefined;
    const type = inputType(op, input, seen);
    return { text: `${input.key}${input.optional ? '?' : ''}: ${type}`, input, type };
  });
  const options = optionsOf(op, seen);
  const isRest = variadic !== undefined && options === undefined;
  if (variadic !== undefined) {
    const element = valueType(op, variadic);
    const operand = NO_LITERALS.has(`${opType}.${variadic.name}`)
      ? `Value<NoInfer<${element}>>`
      : `Operand<${element}, ${literals(variadic.types)}>`;
    const key = variadic.key;
    parameters[positional.indexOf(variadic)] = isRest
      ? { text: `first: Value<${element}>, ...rest: readonly ${operand}[]` }
      : { text: `${key}: readonly [Value<${element}>, ...${operand}[]] | readonly Value<NoInfer<${element}>>[]` };
  }
  const optionsText = options === undefined ? [] : [`options: ${options.use}${options.required ? '' : ' = {}'}`];
  const list = (items, tail = optionsText) => [...items.map(({ text }) => text), ...tail].join(', ');
  const declared = optionsText.map((text) => text.replace(/: (.*) = \{\}$/, '?: $1'));
  const returns = outputType(op);
  const generics = typeParameters(op);
  const name = functionName(opType);
  const args = isRest
    ? '[first, ...rest]'
    : `[${op.inputs.map((input) => argument(op, input, { variadic })).join(', ')}]`;
  const attributes =
    op.attributes.length === 0
      ? undefined
      : `{ ${op.attributes.map((each) => attributeArgument(op, each)).join(', ')} }`;
  const body =
    op.outputs.length === 1
      ? [`  return makeValue(schemas.${opType}, ${args}, ${attributes}, ${name});`]
      : [
          `  const [${op.outputs.map(({ key }) => key).join(', ')}] = makeNode(schemas.${opType}, ${args}, ${attributes}, { outputs: ${op.outputs.length}, calledBy: ${name} });`,
          `  return { ${op.outputs.map(({ key }) => key).join(', ')} } as ${returns};`,
        ];
  const head = (params) => `export function ${name}${generics}(${params}): ${returns}`;
  const swapped = swap(op, parameters);
  const overloads =
    swapped === undefined ? [] : [parameters, swapped.parameters].map((each) => `${head(list(each, declared))};`);
  const implementation = swapped === undefined ? head(list(parameters)) : head(list(swapped.both));
  return [
    ...(options === undefined ? [] : [options.source, '']),
    ...comment(op),
    ...overloads,
    `${implementation} {`,
    ...body,
    '}',
  ].join('\n');
}

/** Operators whose literal may come first as well: 1 - x. */
function swap(op, parameters) {
  if (!EITHER_FIRST.has(op.opType)) return undefined;
  const [first, second] = parameters.filter(({ input }) => op.generics.has(input.type));
  const variable = first.input.type;
  const literal = literals(first.input.types);
  const other = (text) => (each) => ({ ...each, text: `${each.input.key}: ${text}` });
  const replace = (a, b) =>
    parameters.map((each) => (each === first ? other(a)(each) : each === second ? other(b)(each) : each));
  return {
    parameters: replace(literal, `Value<${variable}>`),
    both: replace(`Value<${variable}> | ${literal}`, `Value<NoInfer<${variable}>> | ${literal}`),
  };
}

const functions = Object.entries(operators)
  .filter(([opType, versions]) => !versions.at(-1).deprecated && !BY_HAND.has(opType))
  .map(([opType, versions]) => write(opType, versions));
const text = functions.join('\n');
const sets = [...usedSets]
  .filter(([name]) => new RegExp(`\\b${name}\\b`).test(text))
  .sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)))
  .map(([name, types]) => `type ${name} = ${types.map((type) => `'${type}'`).join(' | ')};`);

const module = `${[
  '// Generated by schema/generate-ops.mjs from schema/operators.json and schema/operator-notes.json. Do not edit.',
  [
    "import { makeNode, makeValue } from '../builder/make-node.js';",
    "import type { OptionalOf, SequenceOf, TypeName, Value } from '../builder/value.js';",
    "import { dtypeNumber, type Flags, type Numbers, type Operand, type Texts, vector } from '../op/operand.js';",
    "import type { DType } from '../tensor/index.js';",
    "import * as schemas from './operators.js';",
  ].join('\n'),
  sets.join('\n'),
  ...functions,
].join('\n\n')}\n`;

if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(fileURLToPath(target), module);
