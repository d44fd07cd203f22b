export { type MeanInterval, meanInterval } from '@rheobase/exporter';
export { answerText, metricText, shareText } from './answer.js';
export {
  type ActivationComparison,
  type ComparedRun,
  type ComparedSetting,
  type CompareOptions,
  compareActivations,
} from './compare-activations.js';
export { renderComparisonHtml } from './render-html.js';
export { type Setting, settingText, type ThresholdChoice, thetaText } from './setting.js';
