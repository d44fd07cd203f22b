/**
 * What is compared: one f with one θ, fixed or learnt, with or without a pull to silence. A setting is put into a network
 * in the place of its threshold layers, so that everything else stays the same.
 */
import {
  type ActivationName,
  badInput,
  type Layer,
  type Sequential,
  sequential,
  sparseActivation,
} from '@rheobase/exporter';

export interface Setting {
  readonly activation: ActivationName;
  /** θ, or where a learnt one begins. */
  readonly threshold: number;
  /** One learnt θ for each neuron or channel. */
  readonly learnt: boolean;
  /** Share of silent neurons that training pulls to, null without a pull. */
  readonly pulledTo: number | null;
}

/** θ as a list of settings names it. */
export interface ThresholdChoice {
  readonly threshold: number;
  readonly learnt: boolean;
}

/** Plain ReLU with the same pull: what the pull does without a threshold. */
export function controlOf(share: number): Setting {
  return { activation: 'relu', threshold: 0, learnt: false, pulledTo: share };
}

/** Every f with every θ; with a target once more with the pull, and with the control. */
export function settingsOf(
  activations: readonly ActivationName[],
  thresholds: readonly ThresholdChoice[],
  target: number | undefined,
): Setting[] {
  const plain = activations.flatMap((activation) =>
    thresholds.map(({ threshold, learnt }): Setting => ({ activation, threshold, learnt, pulledTo: null })),
  );
  if (target === undefined) return plain;
  const pulled = plain.map((setting) => ({ ...setting, pulledTo: target }));
  const control = controlOf(target);
  return [...plain, ...(pulled.some((one) => isSame(one, control)) ? pulled : [...pulled, control])];
}

export function isSame(one: Setting, other: Setting): boolean {
  return settingText(one) === settingText(other);
}

/** `relu, θ learnt from 0.2, pulled to 90 % silent`. */
export function settingText(setting: Setting): string {
  const pull = setting.pulledTo === null ? '' : `, pulled to ${+(setting.pulledTo * 100).toFixed(1)} % silent`;
  return `${setting.activation}, θ ${thetaText(setting)}${pull}`;
}

/** `= 0.2` or `learnt from 0.2`. */
export function thetaText({ threshold, learnt }: ThresholdChoice): string {
  return learnt ? `learnt from ${threshold}` : `= ${threshold}`;
}

/**
 * The network with the setting in each of its threshold layers; their comparison and axis stay.
 * @throws RheobaseError `bad-input` where it has none.
 */
export function withSetting({ layers }: Sequential, { activation, threshold, learnt }: Setting): Sequential {
  if (!layers.some(isThreshold)) {
    throw badInput('the network has no threshold layer to compare settings of', {
      remedy: 'put sparseActivation({ threshold }) among its layers',
    });
  }
  let isImage = false;
  const replaced = layers.map((layer) => {
    if (layer.kind === 'conv2d') isImage = true;
    if (['dense', 'flatten', 'reshape'].includes(layer.kind)) isImage = false;
    if (!isThreshold(layer)) return layer;
    const { comparison, axis } = layer.gate;
    // Of images axis 1 holds the channels.
    const each = learnt ? ({ theta: 'trainable', per: 'channel', axis: isImage ? 1 : axis } as const) : {};
    const name = layer.name === undefined ? {} : { name: layer.name };
    return sparseActivation({ activation, threshold, comparison, ...each, ...name });
  });
  return sequential(replaced);
}

function isThreshold(layer: Layer): layer is Layer & { readonly gate: NonNullable<Layer['gate']> } {
  return layer.kind === 'sparse_activation' && layer.gate !== undefined;
}
