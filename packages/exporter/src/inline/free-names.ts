/** What is put into a graph from elsewhere must not take a name that stands there already: it gets a prefix until it is free. */
export class FreeNames {
  constructor(private readonly taken: Set<string>) {}

  /** `wanted`, or `prefix/wanted` where that is taken, and so on; taken from then on. `''` stays. */
  claim(wanted: string, prefix: string): string {
    if (wanted === '') return wanted;
    let free = wanted;
    while (this.taken.has(free)) free = `${prefix}/${free}`;
    this.taken.add(free);
    return free;
  }
}
