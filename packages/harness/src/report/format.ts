/** Numbers and names as people read them. */

interface Unit {
  readonly name: string;
  readonly ms: number;
}

const MICROSECONDS: Unit = { name: 'µs', ms: 1e-3 };
const UNITS: readonly Unit[] = [{ name: 's', ms: 1000 }, { name: 'ms', ms: 1 }, MICROSECONDS];

function unitOf(ms: number): Unit {
  return UNITS.find((unit) => ms >= unit.ms) ?? MICROSECONDS;
}

/** A duration with three digits that count: `412 µs`, `1.24 ms`, `13.1 s`. */
export function duration(ms: number): string {
  const unit = unitOf(ms);
  return `${threeDigits(ms / unit.ms)} ${unit.name}`;
}

/** A round duration, as on an axis: `0`, `20 µs`, `1 ms`. */
export function roundDuration(ms: number): string {
  if (ms === 0) return '0';
  const unit = unitOf(ms);
  return `${Number((ms / unit.ms).toPrecision(3))} ${unit.name}`;
}

/** A median with its interval, in one unit: `412 µs [401, 430]`. */
export function durationWithInterval(ms: number, low: number, high: number): string {
  const unit = unitOf(ms);
  const [a, b] = [low, high].map((value) => threeDigits(value / unit.ms));
  return `${duration(ms)} [${a}, ${b}]`;
}

/** Three significant digits and no exponent, for numbers from a thousandth up. */
export function threeDigits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || value === 0) return value.toFixed(0);
  if (magnitude >= 10) return value.toFixed(1);
  return value.toFixed(magnitude >= 1 ? 2 : 3);
}

/** A small error in few characters: `3.1e-7`, `0`. */
export function errorSize(value: number): string {
  if (value === 0) return '0';
  return value >= 1e-3 && value < 1e4
    ? String(Number(value.toPrecision(2)))
    : value.toExponential(1).replace('e+', 'e');
}

/** `WebGpuExecutionProvider` → `WebGpu`. */
export function providerName(provider: string): string {
  return provider.replace(/ExecutionProvider$/, '');
}

/** Characters of a name that are shown where it stands in a line of text or a cell of a table. */
const NAME_LENGTH = 64;

/** A name short enough for a line: of a long one its beginning and its end, which is where names differ. */
export function shortName(name: string, length = NAME_LENGTH): string {
  const characters = [...name];
  if (characters.length <= length) return name;
  const head = Math.ceil((length - 1) * 0.6);
  return `${characters.slice(0, head).join('')}…${characters.slice(head + 1 - length).join('')}`;
}

/** `1 case`, `2 cases`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * Text from a model or a backend without control characters: a name in a model must not move the cursor of the
 * terminal it is printed on, nor turn the direction of what follows.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}
