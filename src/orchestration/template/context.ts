// What all stacks of one tree share while it is expanded: types, limits, identity and ports to the outside.
import { limitExceeded } from './errors.ts';
import type { CustomConstraints } from './parameter/constraints.ts';
import type { StackIdentity } from './parameter/parameters.ts';
import type { CompiledLibrary } from './resource-type.ts';
import type { Limits } from './scope.ts';
import { readTemplate } from './text.ts';
import type { Dict } from './value/index.ts';

export interface Context {
  readonly types: CompiledLibrary;
  /** Any type and property goes: templates are looked at without a server's types. */
  readonly anyType: boolean;
  readonly customs: CustomConstraints | undefined;
  /** The service that a type needs and why it cannot be had; undefined for a type that can be served. */
  readonly unavailable: (type: string) => { readonly service: string; readonly reason: string } | undefined;
  readonly limits: Limits;
  readonly identity: StackIdentity;
  readonly zones: readonly string[];
  /** Why a template that is not among the files cannot be had. */
  readonly notFetched: (name: string) => string;
  /** Templates read so far by name and text. */
  readonly templates: TemplateCache;
  readonly tally: Tally;
}

/** Most resources of a whole tree, whatever the limit of one stack. */
const treeLimit = 250_000;

/** Counts the resources of a tree while it unfolds. */
export class Tally {
  private total = 0;

  /** @throws TemplateError RequestLimitExceeded when a stack or the tree holds more than it may */
  add(resources: number, limits: Limits): void {
    this.total += resources;
    if (this.total > treeLimit || (limits.resourcesPerStack >= 0 && resources > limits.resourcesPerStack)) {
      throw limitExceeded('Maximum resources per stack exceeded.');
    }
  }

  /** Starts anew, for the next tree. */
  reset(): void {
    this.total = 0;
  }
}

/** Keeps what was read, for the same nested template often stands in many places. */
export class TemplateCache {
  private readonly known = new Map<string, Dict>();
  private readonly largest: number;
  constructor(largest = 2000) {
    this.largest = largest;
  }
  /** @throws TemplateError ValueError */
  read(name: string, text: string, maxBytes: number): Dict {
    const key = `${name}\n${text}`;
    let data = this.known.get(key);
    if (!data) {
      data = readTemplate(text, name, maxBytes);
      if (this.known.size >= this.largest) this.known.clear();
      this.known.set(key, data);
    }
    return data;
  }
}
