/** Elements of tensors as the shortest text that says which number they are. */
import { type DType, float16ToNumber, type Tensor } from '@rheobase/exporter/tensor';

/** The elements, separated by commas; past `limit` of them, how many more there are. */
export function elementsText(tensor: Tensor, limit = 24): string {
  const size = tensor.data.length;
  const shown = Array.from({ length: Math.min(size, limit) }, (_, index) => elementText(tensor, index));
  return size > limit ? `${shown.join(', ')}, … ${size - limit} more` : shown.join(', ');
}

export function elementText({ dtype, data }: Tensor, index: number): string {
  const value = data[index];
  if (dtype === 'string') return JSON.stringify(value);
  if (dtype === 'bool') return value === 0 ? 'false' : 'true';
  if (dtype === 'float16') return numberText(dtype, float16ToNumber(Number(value)));
  return typeof value === 'bigint' ? String(value) : numberText(dtype, Number(value));
}

/** As few digits as give the same element of the type back. */
export function numberText(dtype: DType, value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (dtype !== 'float32' && dtype !== 'float16') return String(value);
  for (let precision = 1; precision < ENOUGH_DIGITS; precision += 1) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(ENOUGH_DIGITS)));
}

/** So many decimal digits tell every float32 from its neighbours. */
const ENOUGH_DIGITS = 9;
