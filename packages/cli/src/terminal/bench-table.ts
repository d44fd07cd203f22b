/** A bench report for a terminal: a line per backend, number of threads and case, then what is to be said of backends. */
import { type BenchReport, clockNote, printable, speedVerdict, threeDigits, timingText } from '@rheobase/harness';
import { table } from './table.js';

type BenchRow = BenchReport['results'][number];

export function renderBench(report: BenchReport): string {
  const { models, results } = report;
  const software = new Set(report.backends.flatMap((backend) => (backend.software ? [backend.id] : [])));
  const rows = results.map((row) => [
    `${row.backend}${software.has(row.backend) ? ' *' : ''}`,
    row.threads === null ? 'default' : String(row.threads),
    printable(row.case),
    timingText(row.a) ?? '',
    timingText(row.b) ?? '',
    speedText(row.ratio),
  ]);
  const head = `A  ${printable(models[0])}\nB  ${printable(models[1])}\n`;
  const times = rows.length === 0 ? 'nothing was timed\n' : table(['backend', 'threads', 'case', 'A', 'B', ''], rows);
  const notes = notesOf(report).map((note) => `${printable(note)}\n`);
  return `${head}\n${times}${notes.length === 0 ? '' : `\n${notes.join('')}`}`;
}

/** A factor above 1 with its interval, told of A; claimed only where `speedVerdict` allows it. */
export function speedText(ratio: BenchRow['ratio']): string {
  if (ratio === null) return 'too fast for the clock';
  const { median, ciLow, ciHigh } = ratio;
  const factor = (value: number, low: number, high: number): string =>
    `${threeDigits(value)}× ${verdict} [${threeDigits(low)}, ${threeDigits(high)}]`;
  const verdict = speedVerdict(ratio);
  switch (verdict) {
    case 'no difference':
      return verdict;
    case 'faster':
      return `A is ${factor(1 / median, 1 / ciHigh, 1 / ciLow)}`;
    case 'slower':
      return `A is ${factor(median, ciLow, ciHigh)}`;
  }
}

function notesOf({ results, backends, failures }: BenchReport): readonly string[] {
  return [
    ...backends.flatMap(({ id, software, device }) =>
      software
        ? [`* ${id} runs on the software adapter ${device ?? 'of the driver'}: its times say nothing of a GPU`]
        : [],
    ),
    ...backends.flatMap((backend) => {
      const own = results.filter((row) => row.backend === backend.id && row.mode === 'latency');
      const most = Math.max(1, ...own.flatMap(({ a, b }) => [a.runsPerSample, b.runsPerSample]));
      return most === 1 ? [] : [clockNote(backend, most)];
    }),
    ...backends.flatMap(({ id, status, reason }) => (status === 'unavailable' ? [`${id} unavailable: ${reason}`] : [])),
    ...failures.map(({ backend, threads, model, case: name, code, reason }) => {
      const place = [backend, threads === null ? '' : `threads ${threads}`, name ?? ''].filter((part) => part !== '');
      return `${place.join(', ')} failed: ${code}: ${model}: ${reason}`;
    }),
  ];
}
