/** What is to be said of a model beside its matrix, a line each: what differs from the reference, fallbacks, alarms, noise. */
import { counted, providerName } from './format.js';
import type { Alarm, FallbackRow, NoiseRow, VerifyReport } from './verify-report.js';

/** Lines of one kind that are shown; all of them are in the JSON. */
const SHOWN = 6;

export function noticesOf(report: VerifyReport, model: string): readonly string[] {
  const ofModel = <T extends { readonly model: string }>(rows: readonly T[]): readonly T[] =>
    rows.filter((row) => row.model === model);
  const differences = ofModel(report.against?.differences ?? []);
  return [
    ...shortened(differences.map(({ kind, name, nodes, what }) => `${kind} ${name} (${nodes.join(', ')}): ${what}`)),
    ...shortened(ofModel(report.strictPlacement?.violations ?? []).map(fallbackText)),
    ...shortened(ofModel(report.alarms).map(alarmText)),
    ...shortened(ofModel(report.noise).map(noiseText)),
  ];
}

function fallbackText({ backend, node, opType, provider }: FallbackRow): string {
  return `${backend}: ${node || 'a node'} (${opType}) fell back to ${providerName(provider)}`;
}

function alarmText({ backend, output, kind, cases, case: first }: Alarm): string {
  const where = cases === 1 ? `case ${first}` : `${counted(cases, 'case')}, the first ${first}`;
  return `alarm: ${backend} ${output} is ${kind} (${where}): agreement on it proves little`;
}

function noiseText({ backend, output, variation, count, different, maxAbs, maxUlp }: NoiseRow): string {
  if (different === null) return `noise: ${backend} ${variation}: not measured`;
  if (different === 0) return `noise: ${backend} ${output}, ${variation}: none`;
  const size = maxAbs === null ? '' : `, by at most ${maxAbs.toPrecision(2)} (${maxUlp} ULP)`;
  return `noise: ${backend} ${output}, ${variation}: ${different} of ${counted(count, 'element')} differ${size}`;
}

function shortened(lines: readonly string[]): readonly string[] {
  const rest = lines.length - SHOWN;
  return rest > 0 ? [...lines.slice(0, SHOWN), `and ${rest} more like this`] : lines;
}
