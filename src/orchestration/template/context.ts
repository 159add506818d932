// What all stacks of one tree share while it is expanded: types, limits, identity and ports to the outside.
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
  readonly limits: Limits;
  readonly identity: StackIdentity;
  readonly zones: readonly string[];
  /** Why a template that is not among the files cannot be had. */
  readonly notFetched: (name: string) => string;
  /** Templates read so far by name and text. */
  readonly templates: TemplateCache;
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
