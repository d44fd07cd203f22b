/** What a child process printed, of which only the end is kept, and what of it tells why the process died. */
import type { Readable } from 'node:stream';

const KEPT_LINES = 200;
const MAX_LINE = 1000;

/** Collects the last lines of a stream; the answer is a live view. */
export function lastLines(stream: Readable): readonly string[] {
  const lines: string[] = [''];
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const [first = '', ...rest] = text.split('\n');
    lines[lines.length - 1] = `${lines.at(-1)}${first}`.slice(0, MAX_LINE);
    lines.push(...rest.map((line) => line.slice(0, MAX_LINE)));
    lines.splice(0, lines.length - KEPT_LINES);
  });
  return lines;
}

/** Native and JavaScript stack frames, V8's section rulers and garbage collection log, Node's version line. */
const NOISE = /^\s*(?:at |\d+: 0x|\[\d+:0x|<---|-+ ?Native stack|-{3,}|#|Node\.js v|\^|throw |node:)/;
const TELLING = /error|fatal|fail|abort|assert|terminate|exception|cannot|could not|denied|killed|out of memory/i;

/** The line that says most about an end, undefined where none says anything. */
export function meaningfulLine(lines: readonly string[]): string | undefined {
  const clean = lines.map(plainText).filter((line) => line !== '' && !NOISE.test(line));
  return clean.findLast((line) => TELLING.test(line)) ?? clean.at(-1);
}

/** Without terminal colours, and without ONNX Runtime's timestamp. */
export function plainText(line: string): string {
  const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
  return line
    .replace(colours, '')
    .replace(/^\d{4}-\d\d-\d\d [\d:.]+ \[(\w):.*?\] /, '')
    .trim();
}
