/** Which of an operator's inputs a kernel is chosen by. */

/**
 * The input whose element type decides which kernel runs, where it is not the first; null for operators whose kernel
 * does not depend on one (measured once, for any type), or that have no input.
 */
export const PRINCIPAL_INPUT: Readonly<Record<string, number | null>> = {
  If: null,
  Loop: null,
  Scan: null,
  OneHot: 2,
  Where: 1,
};
