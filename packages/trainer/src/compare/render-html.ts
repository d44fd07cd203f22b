/** The comparison as one page without scripts: accuracy against sparsity, each setting a cross of its intervals. */
import type { ActivationComparison, ComparedSetting } from './compare-activations.js';
import type { MeanInterval } from './interval.js';

const WIDTH = 720;
const HEIGHT = 400;
const MARGIN = { left: 64, right: 150, top: 16, bottom: 44 };

export function renderComparisonHtml(comparison: ActivationComparison): string {
  const { recipe, backend, images, epochs, seeds, settings } = comparison;
  const about = `${recipe} on ${backend}, ${images} training images, ${epochs} epochs, ${seeds} seeds; bars are 95 % intervals`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Which f, which θ</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #8884; }
.scroll { overflow-x: auto; }
</style>
<h1>Which f, which θ</h1>
<p>${escaped(about)}</p>
<p><strong>${escaped(answerText(comparison))}</strong></p>
${settings.length === 0 ? '' : chart(settings)}
<div class="scroll"><table>
<tr><th>f</th><th>θ</th><th>test accuracy</th><th>train − test</th><th>silent</th><th>to the best</th></tr>
${settings.map(row).join('\n')}
</table></div>
</html>
`;
}

/** The answer as a sentence. */
export function answerText({ best, sparsest, seeds, settings }: ActivationComparison): string {
  if (best === null || sparsest === null) return 'no training came to an end';
  const name = ({ activation, threshold }: { activation: string; threshold: number }) =>
    `${activation} with θ = ${threshold}`;
  const first = `best test accuracy: ${name(best)}`;
  if (seeds < 2 || settings.length < 2) return `${first}; with one seed or setting, nothing is told apart`;
  return sparsest.activation === best.activation && sparsest.threshold === best.threshold
    ? `${first}, which no sparser setting equals`
    : `${first}; as good within the interval and most silent: ${name(sparsest)}`;
}

/** A share with its interval, in percent. */
export function shareText({ mean, ciLow, ciHigh }: MeanInterval): string {
  const percent = (share: number) => (share * 100).toFixed(2);
  return `${percent(mean)} %${ciLow === null || ciHigh === null ? '' : ` (${percent(ciLow)} to ${percent(ciHigh)})`}`;
}

function row({ activation, threshold, testAccuracy, gap, sparsity, toBest }: ComparedSetting): string {
  const shares = [testAccuracy, gap, sparsity].map(shareText);
  const cells = [activation, String(threshold), ...shares, toBest === null ? '' : shareText(toBest)];
  return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
}

function chart(settings: readonly ComparedSetting[]): string {
  const x = axis(
    settings.map(({ sparsity }) => sparsity),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = axis(
    settings.map(({ testAccuracy }) => testAccuracy),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const names: string[] = [...new Set(settings.map(({ activation }) => activation))];
  const colour = (name: string) => `hsl(${Math.round((names.indexOf(name) * 360) / names.length)} 65% 48%)`;
  const points = settings.map(({ activation, threshold, sparsity, testAccuracy }) => {
    const name: string = activation;
    const [cx, cy] = [x.at(sparsity.mean), y.at(testAccuracy.mean)];
    const line = (x1: number, y1: number, x2: number, y2: number) =>
      `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
    const across = line(x.at(low(sparsity)), cy, x.at(high(sparsity)), cy);
    const up = line(cx, y.at(low(testAccuracy)), cx, y.at(high(testAccuracy)));
    return `<g stroke="${colour(name)}">${across}${up}<circle cx="${px(cx)}" cy="${px(cy)}" r="4" fill="${colour(name)}"><title>${escaped(`${name}, θ = ${threshold}`)}</title></circle></g><text x="${px(cx + 6)}" y="${px(cy - 5)}">${threshold}</text>`;
  });
  const legend = names.map(
    (name, at) =>
      `<circle cx="${WIDTH - 136}" cy="${24 + at * 20}" r="5" fill="${colour(name)}"/><text x="${WIDTH - 124}" y="${28 + at * 20}">${escaped(name)}</text>`,
  );
  const ticks = [
    ...x.ticks.map(
      (share) => `<text x="${px(x.at(share))}" y="${HEIGHT - 24}" text-anchor="middle">${percentTick(share)}</text>`,
    ),
    ...y.ticks.map(
      (share) =>
        `<text x="${MARGIN.left - 8}" y="${px(y.at(share) + 4)}" text-anchor="end">${percentTick(share)}</text>`,
    ),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Test accuracy against the share of silent neurons">
${[...ticks, ...points, ...legend].join('\n')}
<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">silent neurons; numbers at the points are θ</text>
<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">test accuracy</text>
</svg>`;
}

/** A linear axis that holds all intervals, with five ticks. */
function axis(intervals: readonly MeanInterval[], from: number, to: number) {
  const least = Math.min(...intervals.map(low));
  const greatest = Math.max(...intervals.map(high));
  const pad = Math.max((greatest - least) * 0.08, 0.001);
  const [start, end] = [least - pad, greatest + pad];
  const ticks = Array.from({ length: 5 }, (_, at) => start + ((at + 0.5) / 5) * (end - start));
  return { at: (share: number) => from + ((share - start) / (end - start)) * (to - from), ticks };
}

function low({ mean, ciLow }: MeanInterval): number {
  return ciLow ?? mean;
}

function high({ mean, ciHigh }: MeanInterval): number {
  return ciHigh ?? mean;
}

function percentTick(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function px(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
