// Parses YAML tokens into values.

import { repr } from '../value/index.ts';
import { Constructor, type Node } from './construct.ts';
import { Scanner } from './scanner.ts';
import { type Token, type TokenType, tokenName } from './token.ts';

const maxDepth = 250;
const maxWeight = 2_000_000;

interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
  readonly start: number;
}

export class Parser {
  readonly constructed: Constructor;
  private readonly scanner: Scanner;
  private readonly anchors = new Map<string, Node | 'open'>();
  private handles = new Map<string, string>();
  private depth = 0;
  private weight = 0;

  constructor(text: string, lenient: boolean) {
    this.scanner = new Scanner(text, lenient);
    this.constructed = new Constructor((context, contextAt, problem, at) =>
      this.scanner.cursor.fault(context, contextAt, problem, at),
    );
  }

  private is(...types: readonly TokenType[]): boolean {
    return types.includes(this.scanner.peek().type);
  }

  private fault(context: string | undefined, contextAt: number | undefined, problem: string, at: number) {
    return this.scanner.cursor.fault(context, contextAt, problem, at);
  }

  /** The only document of the text; undefined when there is none. */
  single(): Node | undefined {
    while (this.is('documentEnd')) this.scanner.next();
    if (this.is('streamEnd')) return undefined;
    const start = this.scanner.peek().start;
    this.directives();
    const explicit = this.is('documentStart');
    if (explicit) this.scanner.next();
    const node = this.is('directive', 'documentStart', 'documentEnd', 'streamEnd')
      ? this.empty(start)
      : this.node(true, false);
    const ended = this.is('documentEnd');
    while (this.is('documentEnd')) this.scanner.next();
    const next = this.scanner.peek();
    if (next.type === 'streamEnd') return node;
    if (!ended && next.type !== 'documentStart' && next.type !== 'directive') {
      throw this.fault(
        undefined,
        undefined,
        `expected '<document start>', but found ${repr(tokenName(next))}`,
        next.start,
      );
    }
    throw this.fault('expected a single document in the stream', start, 'but found another document', next.start);
  }

  private directives(): void {
    this.handles = new Map([
      ['!', '!'],
      ['!!', 'tag:yaml.org,2002:'],
    ]);
    while (this.is('directive')) {
      const token = this.scanner.next();
      const [name, first = '', second = ''] = token.value.slice(1).trim().split(/\s+/);
      if (name === 'TAG') this.handles.set(first, second);
      else if (name === 'YAML' && !first.startsWith('1.')) {
        throw this.fault(
          undefined,
          undefined,
          'found incompatible YAML document (version 1.* is required)',
          token.start,
        );
      }
      if (!this.is('directive', 'documentStart')) {
        const next = this.scanner.peek();
        throw this.fault(
          undefined,
          undefined,
          `expected '<document start>', but found ${repr(tokenName(next))}`,
          next.start,
        );
      }
    }
  }

  private empty(at: number): Node {
    return this.constructed.scalar('', true, undefined, at, false);
  }

  private properties(): Properties {
    const { start } = this.scanner.peek();
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const token = this.scanner.peek();
      if (token.type === 'anchor' && anchor === undefined) anchor = this.scanner.next().value;
      else if (token.type === 'tag' && tag === undefined) tag = this.tagOf(this.scanner.next(), start);
      else return { anchor, tag, start };
    }
  }

  private tagOf(token: Token, start: number): string {
    if (token.handle === undefined || token.handle === '') return token.value;
    const prefix = this.handles.get(token.handle);
    if (prefix === undefined)
      throw this.fault('while parsing a node', start, `found undefined tag handle ${repr(token.handle)}`, token.start);
    return prefix + token.value;
  }

  private alias(): Node {
    const token = this.scanner.next();
    const node = this.anchors.get(token.value);
    if (node === undefined)
      throw this.fault(undefined, undefined, `found undefined alias ${repr(token.value)}`, token.start);
    if (node === 'open') throw this.fault(undefined, undefined, 'found unconstructable recursive node', token.start);
    this.weight += node.weight;
    // An alias costs nothing here, but whoever walks through the value pays for each use.
    if (this.weight > maxWeight)
      throw this.fault(
        undefined,
        undefined,
        'the document comes to too many values once its aliases are followed',
        token.start,
      );
    return { ...node, start: token.start };
  }

  private node(block: boolean, indentless: boolean, asKey = false): Node {
    if (this.is('alias')) return this.alias();
    const properties = this.properties();
    const { anchor, tag, start } = properties;
    if (anchor !== undefined) this.anchors.set(anchor, 'open');
    if (++this.depth > maxDepth) throw this.fault(undefined, undefined, 'the document is nested too deeply', start);
    const node = this.content(properties, tag, block, indentless, asKey);
    this.depth--;
    if (anchor !== undefined) this.anchors.set(anchor, node);
    return node;
  }

  private content(
    { anchor, start }: Properties,
    tag: string | undefined,
    block: boolean,
    indentless: boolean,
    asKey: boolean,
  ): Node {
    const token = this.scanner.peek();
    if (indentless && token.type === '-') return this.constructed.sequence(this.indentlessItems(), tag, start);
    switch (token.type) {
      case 'scalar':
        this.scanner.next();
        return this.constructed.scalar(token.value, token.plain, tag, start, asKey);
      case '[':
        return this.constructed.sequence(this.flowItems(), tag, start);
      case '{':
        return this.constructed.mapping(this.flowPairs(), tag, start);
      case 'blockSequence':
        if (block) return this.constructed.sequence(this.blockItems(), tag, start);
        break;
      case 'blockMapping':
        if (block) return this.constructed.mapping(this.blockPairs(), tag, start);
        break;
      default:
    }
    if (anchor !== undefined || tag !== undefined) return this.constructed.scalar('', true, tag, start, asKey);
    throw this.fault(
      `while parsing a ${block ? 'block' : 'flow'} node`,
      start,
      `expected the node content, but found ${repr(tokenName(token))}`,
      token.start,
    );
  }

  private blockItems(): Node[] {
    const { start } = this.scanner.next();
    const items: Node[] = [];
    while (this.is('-')) {
      const { end } = this.scanner.next();
      items.push(this.is('-', 'blockEnd') ? this.empty(end) : this.node(true, false));
    }
    this.endBlock('collection', start);
    return items;
  }

  private endBlock(what: 'collection' | 'mapping', start: number): void {
    const token = this.scanner.peek();
    if (token.type !== 'blockEnd')
      throw this.fault(
        `while parsing a block ${what}`,
        start,
        `expected <block end>, but found ${repr(tokenName(token))}`,
        token.start,
      );
    this.scanner.next();
  }

  private indentlessItems(): Node[] {
    const items: Node[] = [];
    while (this.is('-')) {
      const { end } = this.scanner.next();
      items.push(this.is('-', '?', ':', 'blockEnd') ? this.empty(end) : this.node(true, false));
    }
    return items;
  }

  private blockPairs(): (readonly [Node, Node])[] {
    const { start } = this.scanner.next();
    const pairs: (readonly [Node, Node])[] = [];
    while (this.is('?')) {
      const mark = this.scanner.next();
      const key = this.is('?', ':', 'blockEnd') ? this.empty(mark.end) : this.node(true, true, true);
      let value = this.empty(this.scanner.peek().start);
      if (this.is(':')) {
        const { end } = this.scanner.next();
        value = this.is('?', ':', 'blockEnd') ? this.empty(end) : this.node(true, true);
      }
      pairs.push([key, value]);
    }
    this.endBlock('mapping', start);
    return pairs;
  }

  private flowItems(): Node[] {
    const { start } = this.scanner.next();
    const items: Node[] = [];
    while (!this.is(']')) {
      if (items.length > 0) this.comma('sequence', ']', start);
      if (this.is(']')) break;
      if (this.is('?')) {
        const at = this.scanner.peek().start;
        items.push(this.constructed.mapping([this.flowPair(']')], undefined, at));
      } else items.push(this.node(false, false));
    }
    this.scanner.next();
    return items;
  }

  private comma(what: 'sequence' | 'mapping', close: ']' | '}', start: number): void {
    const token = this.scanner.peek();
    if (token.type !== ',')
      throw this.fault(
        `while parsing a flow ${what}`,
        start,
        `expected ',' or '${close}', but got ${repr(tokenName(token))}`,
        token.start,
      );
    this.scanner.next();
  }

  /** `key: value` inside brackets, the `?` token first. */
  private flowPair(close: ']' | '}'): readonly [Node, Node] {
    const { end } = this.scanner.next();
    const key = this.is(':', ',', close) ? this.empty(end) : this.node(false, false, true);
    if (!this.is(':')) return [key, this.empty(this.scanner.peek().start)];
    const colon = this.scanner.next();
    return [key, this.is(',', close) ? this.empty(colon.end) : this.node(false, false)];
  }

  private flowPairs(): (readonly [Node, Node])[] {
    const { start } = this.scanner.next();
    const pairs: (readonly [Node, Node])[] = [];
    while (!this.is('}')) {
      if (pairs.length > 0) this.comma('mapping', '}', start);
      if (this.is('}')) break;
      if (this.is('?')) pairs.push(this.flowPair('}'));
      else {
        const key = this.node(false, false, true);
        pairs.push([key, this.empty(this.scanner.peek().start)]);
      }
    }
    this.scanner.next();
    return pairs;
  }
}
