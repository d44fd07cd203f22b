export {
  type ActivationComparison,
  type CompareOptions,
  type ComparedRun,
  type ComparedSetting,
  compareActivations,
  type Setting,
} from './compare-activations.js';
export { type MeanInterval, meanInterval } from './interval.js';
export { answerText, renderComparisonHtml, shareText } from './render-html.js';
