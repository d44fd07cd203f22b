/**
 * Names and shapes as error messages show them: whatever a file holds, in printable characters and no longer than a
 * line of text should be. A hostile name may be a megabyte long, or move the cursor of the terminal it is shown on.
 */

const MAX_TEXT = 80;
const MAX_DIMS = 12;

export function excerpt(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return short.replace(/\p{C}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `[2,3]` */
export function shapeExcerpt(shape: readonly number[]): string {
  return shape.length > MAX_DIMS ? `[${shape.slice(0, MAX_DIMS)},… ${shape.length} dimensions]` : `[${shape}]`;
}

/** `tensor 'w'`, the place of an error. */
export function tensorPlace(name: string): string {
  return `tensor '${excerpt(name)}'`;
}
