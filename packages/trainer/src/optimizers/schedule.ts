/** Learning rates that change with the step. Computed outside the graph, which takes the rate of each step as input. */

/** The learning rate of a step, counted from 1. */
export type Schedule = (step: number) => number;

/** A schedule, or one rate for all steps. */
export type LearningRate = number | Schedule;

export function scheduleOf(rate: LearningRate): Schedule {
  return typeof rate === 'number' ? () => rate : rate;
}

/** `rate` times `factor` for every `every` steps gone by. */
export function stepDecay({ rate, every, factor }: { rate: number; every: number; factor: number }): Schedule {
  return (step) => rate * factor ** Math.floor((step - 1) / every);
}

/**
 * From `rate` down to `final` (default 0) along half a cosine over `steps` steps, then `final`.
 * Source: Loshchilov and Hutter, SGDR (arXiv 1608.03983), without restarts.
 */
export function cosine({ rate, steps, final = 0 }: { rate: number; steps: number; final?: number }): Schedule {
  return (step) => {
    const progress = Math.min((step - 1) / steps, 1);
    return final + ((rate - final) * (1 + Math.cos(Math.PI * progress))) / 2;
  };
}

/** A linear rise over the first `steps` steps to what `then` begins with. */
export function warmUp(steps: number, then: LearningRate): Schedule {
  const after = scheduleOf(then);
  return (step) => (step <= steps ? (after(1) * step) / steps : after(step - steps));
}
