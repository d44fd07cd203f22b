/** Which f, which θ: the comparison in sentences, which say no more than the intervals do. */
import type { MeanInterval } from '@rheobase/exporter';
import type { ActivationComparison, ComparedSetting } from './compare-activations.js';
import { isSame, type Setting, settingText, thetaText } from './setting.js';

export function answerText(comparison: ActivationComparison): string {
  const { best, settings, metric } = comparison;
  if (best === null) return 'No training came to an end.';
  const seeds = Math.min(...settings.map(({ runs }) => runs.length));
  const top = `The best mean test ${metric} is ${metricText(comparison, settings[0].test)} (${settingText(best)})`;
  if (settings.length < 2) return `${top}; a single setting has nothing to be compared with.`;
  if (seeds < 2) return `${top}; with one seed a setting nothing can be told apart, give --seeds 5 or more.`;
  return [`${top}. ${apart(comparison)}`, most(comparison), ...againstControl(comparison)].join(' ');
}

/** A share with its interval, in percent. */
export function shareText({ mean, ciLow, ciHigh }: MeanInterval): string {
  return withInterval(mean, ciLow, ciHigh, (share) => (share * 100).toFixed(2), ' %');
}

/** The deciding number with its interval: a share in percent, or a loss. */
export function metricText({ metric }: Pick<ActivationComparison, 'metric'>, interval: MeanInterval): string {
  const { mean, ciLow, ciHigh } = interval;
  return metric === 'accuracy' ? shareText(interval) : withInterval(mean, ciLow, ciHigh, (loss) => loss.toFixed(4), '');
}

function withInterval(
  mean: number,
  low: number | null,
  high: number | null,
  text: (number: number) => string,
  unit: string,
): string {
  return `${text(mean)}${unit}${low === null || high === null ? '' : ` (${text(low)} to ${text(high)})`}`;
}

/** What can be told from the best, and what that leaves of f and θ. */
function apart({ settings, asGood }: ActivationComparison): string {
  const worse = settings.length - asGood.length;
  const others = asGood.length - 1;
  if (worse === 0) {
    return `None of the other ${others} can be told from it: this comparison does not say which f, nor which θ.`;
  }
  const rest = worse === 1 ? 'the other one' : `${worse} of the others`;
  if (others === 0) return `It is better than each of the other ${worse} beyond the interval.`;
  const left = [
    choice('f', settings, asGood, ({ activation }) => activation),
    choice('θ', settings, asGood, thetaText),
    choice('pull', settings, asGood, ({ pulledTo }) => (pulledTo === null ? 'none' : `to ${pulledTo * 100} %`)),
  ].filter((text) => text !== '');
  return `It is better than ${rest} beyond the interval, but not told from ${others}; what remains: ${left.join('; ')}.`;
}

/** Values of one part of a setting that are among the best; nothing where there was no choice. */
function choice(
  name: string,
  settings: readonly Setting[],
  asGood: readonly Setting[],
  of: (setting: Setting) => string,
): string {
  const all = new Set(settings.map(of));
  const kept = [...new Set(asGood.map(of))];
  if (all.size < 2) return '';
  return kept.length === all.size ? `any ${name}` : `${name} ${kept.join(' or ')}`;
}

function most({ sparsest, best, settings }: ActivationComparison): string {
  if (sparsest === null || best === null) return '';
  const found = settings.find((one) => isSame(one, sparsest));
  const silent = found === undefined ? '' : `, ${shareText(found.sparsity)} silent`;
  return isSame(sparsest, best)
    ? `No setting that is as good has more silent neurons${silent.replace(',', ':')}.`
    : `Most silent of those as good: ${settingText(sparsest)}${silent}.`;
}

/** What a threshold adds to a pull that plain ReLU can have as well. */
function againstControl(comparison: ActivationComparison): string[] {
  return comparison.settings
    .filter((one): one is ComparedSetting & { toControl: object } => one.toControl !== null && one.learnt)
    .map((one) => {
      const { test, sparsity } = one.toControl as NonNullable<ComparedSetting['toControl']>;
      return `${settingText(one)}, against plain ReLU with the same pull: ${comparison.metric} ${signed(comparison, test)}, silent ${signed({ metric: 'accuracy' }, sparsity)}.`;
    });
}

/** A difference, and whether it is one. */
function signed(comparison: Pick<ActivationComparison, 'metric'>, interval: MeanInterval): string {
  const { ciLow, ciHigh } = interval;
  const isOpen = ciLow === null || ciHigh === null || (ciLow <= 0 && ciHigh >= 0);
  return `${interval.mean > 0 ? '+' : ''}${metricText(comparison, interval)}${isOpen ? ', which may be none' : ''}`;
}
