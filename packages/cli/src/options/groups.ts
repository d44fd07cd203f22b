/** Headings for the help of commands with many options. */
import type { Argv } from 'yargs';

/** What stands under a heading: options by name, or a whole table of them. */
export type Grouped = readonly (string | object)[];

/** To be called when all options are defined. */
export function grouped<T>(yargs: Argv<T>, groups: Readonly<Record<string, Grouped>>): Argv<T> {
  return Object.entries(groups).reduce((built, [heading, members]) => {
    const names = members.flatMap((member) => (typeof member === 'string' ? [member] : Object.keys(member)));
    return built.group(names, `${heading}:`);
  }, yargs);
}
