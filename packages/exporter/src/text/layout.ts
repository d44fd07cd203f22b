/** Where lines break: lists on one line as long as it stays readable, else an item to a line. */

const LINE = 110;
const STEP = '  ';

/** The white space at the beginning of a line inside `depth` blocks. */
export function indent(depth: number): string {
  return STEP.repeat(depth);
}

/**
 * `(a, b)`, or an item to a line where that would be too long or an item has several lines itself.
 * @param depth of the line that the list is on.
 */
export function list(open: string, items: readonly string[], close: string, depth: number): string {
  const line = `${open}${items.join(', ')}${close}`;
  if (line.length <= LINE && !items.some((item) => item.includes('\n'))) return line;
  return block(
    open,
    items.map((text) => ({ text })),
    close,
    depth,
  );
}

export interface Line {
  readonly text: string;
  /** Shown behind the item and its comma, after a `#`. */
  readonly comment?: string | undefined;
}

/** An item to a line, with commas between them. */
export function block(open: string, lines: readonly Line[], close: string, depth: number): string {
  const shown = lines.map(({ text, comment }, index) => {
    const comma = index < lines.length - 1 ? ',' : '';
    return `${indent(depth + 1)}${text}${comma}${comment === undefined ? '' : ` # ${comment}`}\n`;
  });
  return `${open}\n${shown.join('')}${indent(depth)}${close}`;
}
