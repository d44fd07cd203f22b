/** The model: y = x where x > θ, +0 elsewhere. θ is an input of the graph, so that it can be turned without exporting again. */
import { buildModel, encodeModel, input, thresholdActivation } from '@rheobase/exporter';

export const NEURONS = 64;

export function neuronsModel(): Uint8Array {
  const x = input('x', 'float32', [NEURONS]);
  const theta = input('theta', 'float32', []);
  const y = thresholdActivation(x, { threshold: theta });
  return encodeModel(buildModel({ inputs: [x, theta], outputs: { y } }));
}

/** What the neurons receive: a wave between −1 and 1. */
export function stimulus(): Float32Array {
  return Float32Array.from({ length: NEURONS }, (_, index) => Math.sin(index * 0.35) * Math.cos(index * 0.11));
}
