// Builds template values of YAML nodes by their tags.
import { type Dict, isDict, isKey, type Key, repr, type Value } from '../value/index.ts';
import { put } from '../value/put.ts';
import type { YamlFault } from './mark.ts';
import { booleanValue, floatValue, integerValue, resolveTag } from './scalar.ts';

const core = 'tag:yaml.org,2002:';

/** A value with where it stands and how many values it comes to once aliases are followed. */
export interface Node {
  readonly value: Value;
  readonly start: number;
  readonly weight: number;
  readonly kind: 'scalar' | 'sequence' | 'mapping';
  /** A plain `<<`. */
  readonly merge: boolean;
}

type Report = (context: string | undefined, contextAt: number | undefined, problem: string, at: number) => YamlFault;

export class Constructor {
  /** The first value that cannot be built: told after the text as a whole turned out well-formed. */
  failure: YamlFault | undefined;
  private readonly report: Report;
  /** Where the entries of a map stand, for messages to people. */
  readonly places = new Map<Dict, Map<Key, number>>();

  constructor(report: Report) {
    this.report = report;
  }

  private fail(context: string | undefined, contextAt: number | undefined, problem: string, at: number): null {
    this.failure ??= this.report(context, contextAt, problem, at);
    return null;
  }

  private unknown(tag: string, at: number): null {
    return this.fail(undefined, undefined, `could not determine a constructor for the tag ${repr(tag)}`, at);
  }

  scalar(text: string, plain: boolean, tag: string | undefined, start: number, asKey: boolean): Node {
    const node = (value: Value, merge = false): Node => ({ value, start, weight: 1, kind: 'scalar', merge });
    const implied = tag === undefined ? (plain ? resolveTag(text) : 'str') : undefined;
    if (implied === 'merge') return node(text, true);
    if (implied === 'value') return node(asKey ? text : this.unknown(`${core}value`, start));
    const full = implied ?? (tag === '!' ? 'str' : tag?.startsWith(core) ? tag.slice(core.length) : undefined);
    switch (full) {
      case 'str':
      case 'timestamp':
        return node(text);
      case 'null':
        return node(null);
      case 'bool':
        return node(booleanValue(text));
      case 'int':
        return node(
          /^[-+]?[0-9][0-9a-fA-FxX_:]*$/.test(text)
            ? integerValue(text)
            : this.fail(undefined, undefined, `invalid literal for int() with base 10: ${repr(text)}`, start),
        );
      case 'float':
        return node(floatValue(text));
      case 'binary':
        return node(Buffer.from(text, 'base64').toString('latin1'));
      default:
        return node(this.unknown(tag ?? '', start));
    }
  }

  sequence(items: readonly Node[], tag: string | undefined, start: number): Node {
    const weight = items.reduce((total, item) => total + item.weight, 1);
    const known = tag === undefined || tag === '!' || [`${core}seq`, `${core}omap`, `${core}pairs`].includes(tag);
    const value: Value = known ? items.map((item) => item.value) : this.unknown(tag ?? '', start);
    return { value, start, weight, kind: 'sequence', merge: false };
  }

  mapping(pairs: readonly (readonly [Node, Node])[], tag: string | undefined, start: number): Node {
    const weight = pairs.reduce((total, [key, value]) => total + key.weight + value.weight, 1);
    const node = (value: Value): Node => ({ value, start, weight, kind: 'mapping', merge: false });
    if (tag === `${core}set`) return node(pairs.map(([key]) => key.value));
    if (tag !== undefined && tag !== '!' && tag !== `${core}map`) return node(this.unknown(tag, start));
    const map: Dict = new Map<Key, Value>();
    const places = new Map<Key, number>();
    for (const [key, value] of pairs) if (key.merge) this.merge(map, value, start);
    for (const [key, value] of pairs) {
      if (key.merge) continue;
      if (!isKey(key.value)) {
        this.fail('while constructing a mapping', start, 'found unhashable key', key.start);
        continue;
      }
      if (typeof key.value === 'string') map.set(key.value, value.value);
      else put(map, key.value, value.value);
      places.set(key.value, key.start);
    }
    this.places.set(map, places);
    return node(map);
  }

  /** `<<` puts the entries of other maps first; those of earlier ones win. */
  private merge(map: Dict, node: Node, start: number): void {
    const sources = node.kind === 'sequence' && Array.isArray(node.value) ? node.value : [node.value];
    const wanted =
      node.kind === 'sequence'
        ? 'expected a mapping for merging'
        : 'expected a mapping or list of mappings for merging';
    for (const source of [...sources].reverse()) {
      if (isDict(source)) for (const [key, value] of source) map.set(key, value);
      else this.fail('while constructing a mapping', start, `${wanted}, but found ${node.kind}`, node.start);
    }
  }
}
