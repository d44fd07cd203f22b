/** The comparison as one page without scripts: accuracy against sparsity, each setting a cross of its intervals. */

import type { MeanInterval } from '@rheobase/exporter';
import { answerText, metricText, shareText } from './answer.js';
import type { ActivationComparison, ComparedSetting } from './compare-activations.js';
import { settingText, thetaText } from './setting.js';

const WIDTH = 720;
const HEIGHT = 400;
const MARGIN = { left: 88, right: 150, top: 16, bottom: 44 };

export function renderComparisonHtml(comparison: ActivationComparison): string {
  const { network, backend, examples, epochs, seeds, settings, metric } = comparison;
  const about = `${network} on ${backend}, ${examples} training examples, ${epochs} epochs, ${seeds} seeds; bars are 95 % intervals of the means, "to the best" is seed by seed and holds for all rows at once`;
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
${settings.length === 0 ? '' : chart(comparison)}
<div class="scroll"><table>
<tr><th>f</th><th>θ</th><th>pulled to</th><th>test ${metric}</th><th>train − test</th><th>silent</th><th>to the best</th></tr>
${settings.map((one) => row(comparison, one)).join('\n')}
</table></div>
</html>
`;
}

function row(comparison: ActivationComparison, setting: ComparedSetting): string {
  const { activation, pulledTo, test, gap, sparsity, toBest } = setting;
  const metric = (interval: MeanInterval) => metricText(comparison, interval);
  const cells = [
    ...[activation, thetaText(setting).replace('= ', ''), pulledTo === null ? '' : `${pulledTo * 100} %`],
    ...[metric(test), metric(gap), shareText(sparsity), toBest === null ? '' : metric(toBest)],
  ];
  return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
}

function chart({ settings, metric }: ActivationComparison): string {
  const across = settings.map(({ sparsity }) => sparsity);
  const x = axis(across, MARGIN.left, WIDTH - MARGIN.right);
  const y = axis(
    settings.map(({ test }) => test),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const names: string[] = [...new Set(settings.map(({ activation }) => activation))];
  const colour = (name: string) => `hsl(${Math.round((names.indexOf(name) * 360) / names.length)} 65% 48%)`;
  const legend = names.map(
    (name, at) =>
      `<circle cx="${WIDTH - 136}" cy="${24 + at * 20}" r="5" fill="${colour(name)}"/><text x="${WIDTH - 124}" y="${28 + at * 20}">${escaped(name)}</text>`,
  );
  const yTick = (value: number) => (metric === 'accuracy' ? percentTick(value) : value.toPrecision(3));
  const ticks = [
    ...x.ticks.map(
      (share) => `<text x="${px(x.at(share))}" y="${HEIGHT - 24}" text-anchor="middle">${percentTick(share)}</text>`,
    ),
    ...y.ticks.map(
      (value) => `<text x="${MARGIN.left - 8}" y="${px(y.at(value) + 4)}" text-anchor="end">${yTick(value)}</text>`,
    ),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Test ${metric} against the share of silent neurons">
${[...ticks, ...settings.map((setting) => point(setting, x, y, colour(setting.activation))), ...legend].join('\n')}
<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">silent neurons; at the points θ, ↑ learnt; squares are pulled to silence</text>
<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">test ${metric}</text>
</svg>`;
}

type Axis = ReturnType<typeof axis>;

/** A cross of two intervals with a circle at the means, a square where it is pulled. */
function point(setting: ComparedSetting, x: Axis, y: Axis, colour: string): string {
  const { threshold, learnt, pulledTo, sparsity, test } = setting;
  const [cx, cy] = [x.at(sparsity.mean), y.at(test.mean)];
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
  const across = line(x.at(low(sparsity)), cy, x.at(high(sparsity)), cy);
  const up = line(cx, y.at(low(test)), cx, y.at(high(test)));
  const title = `<title>${escaped(settingText(setting))}</title>`;
  const mark =
    pulledTo === null
      ? `<circle cx="${px(cx)}" cy="${px(cy)}" r="4" fill="${colour}">${title}</circle>`
      : `<rect x="${px(cx - 4)}" y="${px(cy - 4)}" width="8" height="8" fill="${colour}">${title}</rect>`;
  const label = `<text x="${px(cx + 6)}" y="${px(cy - 5)}">${threshold}${learnt ? '↑' : ''}</text>`;
  return `<g stroke="${colour}">${across}${up}${mark}</g>${label}`;
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
