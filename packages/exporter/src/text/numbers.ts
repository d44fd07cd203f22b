/** Floating-point numbers as short as they can be and still read back as the same number; never like an integer. */

/** A number of binary32, `0.1` rather than `0.10000000149011612`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return specialText(value);
  // Nine significant digits tell any two binary32 numbers apart (IEEE 754, 5.12.2); usually fewer do.
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleText(Object.is(value, -0) ? -0 : short);
  }
  return doubleText(Number(value.toPrecision(9)));
}

export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return specialText(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function specialText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}
