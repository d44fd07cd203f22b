/**
 * Audio that is like speech, made from a seed: voiced stretches (a glottal pulse train through three formants that glide), hissing
 * stretches, and pauses with a little noise, as a speaker alternates them. Enough to drive a voice detector through its range;
 * it says nothing to anyone.
 */
import { random } from '@rheobase/exporter';

export const SAMPLE_RATE = 16_000;

/** `seconds` of audio in −1 to 1. */
export function speechLike(seconds: number, seed: number): Float32Array {
  const draw = random(seed, 'speech');
  const audio = new Float32Array(Math.round(seconds * SAMPLE_RATE));
  let at = 0;
  while (at < audio.length) {
    const length = Math.round((0.1 + 0.5 * draw.uniform()) * SAMPLE_RATE);
    const part = audio.subarray(at, at + length);
    const kind = draw.uniform();
    if (kind < 0.55) voiced(part, () => draw.uniform());
    else if (kind < 0.7) noise(part, 0.1, () => draw.uniform());
    else noise(part, 0.002, () => draw.uniform());
    at += length;
  }
  return audio;
}

function voiced(part: Float32Array, uniform: () => number): void {
  const pitch = 90 + 130 * uniform();
  const formants = [300 + 500 * uniform(), 900 + 1300 * uniform(), 2300 + 900 * uniform()];
  const filters = formants.map((frequency) => resonator(frequency, 60 + 0.05 * frequency));
  let phase = 0;
  for (let index = 0; index < part.length; index += 1) {
    phase += (pitch * (1 - (0.2 * index) / part.length)) / SAMPLE_RATE;
    const pulse = phase >= 1 ? 1 : 0;
    phase %= 1;
    const source = pulse + 0.01 * (uniform() - 0.5);
    const envelope = Math.sin((Math.PI * index) / part.length) ** 0.5;
    part[index] = 0.3 * envelope * filters.reduce((sum, filter) => sum + filter(source), 0);
  }
}

function noise(part: Float32Array, level: number, uniform: () => number): void {
  for (let index = 0; index < part.length; index += 1) part[index] = level * (uniform() - 0.5);
}

/** A two-pole resonator (Klatt, "Software for a cascade/parallel formant synthesizer", JASA 1980, eq. 1–2). */
function resonator(frequency: number, bandwidth: number): (input: number) => number {
  const radius = Math.exp((-Math.PI * bandwidth) / SAMPLE_RATE);
  const b = 2 * radius * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE);
  const c = -(radius ** 2);
  const a = 1 - b - c;
  let [last, beforeLast] = [0, 0];
  return (input) => {
    const output = a * input + b * last + c * beforeLast;
    beforeLast = last;
    last = output;
    return output;
  };
}
