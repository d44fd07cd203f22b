/** A case is one set of feeds with a name; where cases come from is a function of the model. */
import type { Model } from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';

export interface Case {
  readonly name: string;
  readonly feeds: Feeds;
}

/**
 * Cases are drawn one at a time and dropped when they are done, so that there may be any number of them. A source may
 * try feeds out on the baseline, where there is one to try them on.
 */
export type CaseSource = (model: Model, accepts?: AcceptsFeeds) => Iterable<Case> | AsyncIterable<Case>;

/** Whether the baseline runs the model on such feeds. */
export type AcceptsFeeds = (feeds: Feeds) => Promise<boolean>;

/** Extents for dimensions that the model leaves open: by symbolic name (`batch`), or by place (`x[0]`). */
export type Dims = Readonly<Record<string, number>>;
