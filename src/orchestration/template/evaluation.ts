// One reading of a template tree under given live values, with what it has computed so far.
import { NotYetKnown } from './errors.ts';
import type { Value } from './value/index.ts';

/** What created resources answer. A path is `outer/inner`; undefined means not known yet. */
export interface LiveValues {
  reference(path: string): Value | undefined;
  /** An attribute; `components` lead into it when the resource type looks them up itself. */
  attribute(path: string, name: string, components: readonly Value[]): Value | undefined;
  /** All attributes a resource answers, where more are known than its type declares. */
  attributeNames?(path: string): readonly string[];
  /** The values stand in for resources that were never created: what only a real one answers (`show`, members asked from outside their stack) is missing. */
  readonly simulated?: true;
}

/** Before anything exists: every value is unknown. */
export const nothingKnown: LiveValues = { reference: () => undefined, attribute: () => undefined };

export class Evaluation {
  readonly live: LiveValues;
  /** True while validating: resources do not exist, attributes read as null and references as names. */
  readonly initial: boolean;
  private readonly memos = new Map<object, Map<string, unknown>>();

  constructor(live: LiveValues, initial = false) {
    this.live = live;
    this.initial = initial;
  }

  /** @throws NotYetKnown */
  reference(path: string, name: string): Value {
    if (this.initial) return name;
    const value = this.live.reference(path);
    if (value === undefined) throw new NotYetKnown(path);
    return value;
  }

  /** @throws NotYetKnown */
  attribute(path: string, name: string, components: readonly Value[]): Value {
    if (this.initial) return null;
    const value = this.live.attribute(path, name, components);
    if (value === undefined) throw new NotYetKnown(path, name);
    return value;
  }

  /** Computes once per owner and key. A failed computation is not kept. */
  once<T>(owner: object, key: string, compute: () => T, is: (value: unknown) => value is T): T {
    let memo = this.memos.get(owner);
    if (!memo) {
      memo = new Map();
      this.memos.set(owner, memo);
    }
    const known = memo.get(key);
    if (known !== undefined && is(known)) return known;
    const value = compute();
    memo.set(key, value);
    return value;
  }
}
