export {
  type ActivationComparison,
  type ComparedRun,
  type ComparedSetting,
  type CompareOptions,
  compareActivations,
  type Setting,
} from './compare-activations.js';
export { type MeanInterval, meanInterval } from './interval.js';
export { answerText, renderComparisonHtml, shareText } from './render-html.js';
