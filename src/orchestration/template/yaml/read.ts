// Reads YAML text into template values.
import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';
import { valueError } from '../errors.ts';
import { type Dict, isDict, isKey, type Key, type Value } from '../value/index.ts';
import { plainScalar } from './scalar.ts';

const maxAliasedNodes = 100_000;

class Builder {
  private readonly anchors = new Map<string, Value>();
  private nodes = 0;

  build(node: unknown): Value {
    if (node === null || node === undefined) return null;
    if (++this.nodes > maxAliasedNodes) throw valueError('The document expands to too many nodes.');
    if (isAlias(node)) return this.anchors.get(node.source) ?? null;
    if (isScalar(node)) return this.keep(node, this.scalar(node));
    if (isSeq(node)) {
      const list: Value[] = [];
      if (node.anchor) this.anchors.set(node.anchor, list);
      for (const item of node.items) list.push(this.build(item));
      return list;
    }
    if (isMap(node)) {
      const map: Dict = new Map<Key, Value>();
      if (node.anchor) this.anchors.set(node.anchor, map);
      const merges: Dict[] = [];
      for (const pair of node.items) {
        const key = this.build(pair.key);
        const value = this.build(pair.value);
        if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
          for (const source of Array.isArray(value) ? value : [value]) if (isDict(source)) merges.push(source);
        } else if (isKey(key)) map.set(key, value);
        else throw valueError('while constructing a mapping\nfound unhashable key');
      }
      for (const source of merges) for (const [key, value] of source) if (!map.has(key)) map.set(key, value);
      return map;
    }
    return null;
  }

  private scalar(node: Node & { value?: unknown; source?: string; type?: string }): Value {
    const text = node.source ?? (typeof node.value === 'string' ? node.value : '');
    return node.type === 'PLAIN' && !node.tag?.endsWith(':str') ? plainScalar(text) : String(node.value ?? text);
  }

  private keep(node: { anchor?: string }, value: Value): Value {
    if (node.anchor) this.anchors.set(node.anchor, value);
    return value;
  }
}

/**
 * Reads one YAML document; an empty text is null.
 * @throws TemplateError ValueError with the place of the fault
 */
export function readYaml(text: string): Value {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    merge: false,
    keepSourceTokens: false,
  });
  const [document] = documents;
  if (!document || !('contents' in document)) return null;
  if (documents.length > 1) throw valueError('expected a single document in the stream');
  const fault = document.errors[0];
  if (fault) throw valueError(fault.message);
  return new Builder().build(document.contents);
}
