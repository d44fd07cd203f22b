/** Options that say how far outputs may lie apart: distances, for all outputs or one, and a policy for each class. */
import { badInput } from '@rheobase/exporter/errors';
import type { ToleranceChange, ToleranceOverrides } from '@rheobase/harness';

export interface ToleranceArguments {
  atol?: string[];
  rtol?: string[];
  ulp?: string[];
  nan?: 'equal' | 'mismatch';
  inf?: 'equal' | 'mismatch';
  signedZero?: 'equal' | 'mismatch';
  denormals?: 'flush' | 'exact';
}

const DISTANCES = ['atol', 'rtol', 'ulp'] as const;
type Distance = (typeof DISTANCES)[number];

const perOutput = (what: string, example = '1e-4') =>
  ({ type: 'string', array: true, nargs: 1, describe: `${what}, or of one output: out=${example}` }) as const;

/** For yargs’ `options`. */
export const TOLERANCE_OPTIONS = {
  atol: perOutput('Absolute tolerance instead of the one derived from the graph'),
  rtol: perOutput('Relative tolerance instead'),
  ulp: perOutput('Units in the last place instead; 0 alone is exact', '2'),
  nan: { choices: ['equal', 'mismatch'], describe: 'Whether two NaNs agree; default equal' },
  inf: { choices: ['equal', 'mismatch'], describe: 'Whether two infinities of one sign agree; default equal' },
  'signed-zero': { choices: ['equal', 'mismatch'], describe: 'Whether −0 agrees with +0; default equal' },
  denormals: {
    choices: ['flush', 'exact'],
    describe: 'Whether a denormal agrees with zero; default flush on GPUs, exact on CPUs',
  },
} as const;

/** @throws RheobaseError `bad-input` for what is no number of at least 0. */
export function toleranceOverrides(args: ToleranceArguments): ToleranceOverrides {
  const outputs: Record<string, ToleranceChange> = {};
  let all: ToleranceChange = policies(args);
  for (const distance of DISTANCES) {
    for (const text of args[distance] ?? []) {
      const { output, value } = parse(distance, text);
      if (output === null) all = { ...all, [distance]: value };
      else outputs[output] = { ...outputs[output], [distance]: value };
    }
  }
  return { all, outputs };
}

function policies({ nan, inf, signedZero, denormals }: ToleranceArguments): ToleranceChange {
  return {
    ...(nan === undefined ? {} : { nan }),
    ...(inf === undefined ? {} : { inf }),
    ...(signedZero === undefined ? {} : { signedZero }),
    ...(denormals === undefined ? {} : { denormals }),
  };
}

/** An output's name may have an equals sign of its own, so the last one counts. */
function parse(distance: Distance, text: string): { readonly output: string | null; readonly value: number } {
  const split = text.lastIndexOf('=');
  const number = text.slice(split + 1).trim();
  const value = Number(number);
  if (number === '' || !(value >= 0)) {
    throw badInput(`${JSON.stringify(text)} is no tolerance`, {
      where: `--${distance}`,
      remedy: 'write a number of at least 0, or output=number',
    });
  }
  return { output: split < 0 ? null : text.slice(0, split), value };
}
