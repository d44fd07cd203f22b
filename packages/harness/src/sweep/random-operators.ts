/** Operators that draw random numbers: two backends agree where the types and shapes do. */
const RANDOM: ReadonlySet<string> = new Set([
  ...['Bernoulli', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike'],
]);

export function isRandom(opType: string): boolean {
  return RANDOM.has(opType);
}
