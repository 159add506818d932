// Damages jobs: their texts piece by piece, their data value by value.
import type { Job } from './seeds.ts';

type Data = Job[string];
export type Pick = (below: number) => number;

/** A small generator with a fixed start: a run can be had again. */
export function picker(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function one<T>(pick: Pick, items: readonly T[]): T {
  const item = items[pick(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

const pieces = [
  ...'{}[]:,"\'\n#%|>&*!?-\t\\',
  '  ',
  '- ',
  '&a ',
  '*a',
  '!!binary ',
  '!!set ',
  '<<: ',
  '? ',
  '...\n',
  '---\n',
  '%YAML 1.1\n',
  '{get_param: s}',
  '{get_attr: [v, value]}',
  '99999999999999999999',
  '-1',
  '1e400',
  '.nan',
  '0o17',
  '12:30:45',
  '2001-01-01',
  'é',
  '\u2028',
  '\ufeff',
  '\u0000',
  '\ud800',
  'null',
  'yaql',
  '__proto__',
  'constructor',
  'toString',
] as const;
const patterns = [
  '(a+)+$',
  '(a|a)*b',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(.*)*x',
  '(x+x+)+y',
  '(?=(a+))a*b\\1',
  '[',
  '(?P<n>a)(?P=n)',
  '\\',
  'a{1000}{1000}',
] as const;
const scalars: readonly Data[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'a',
  's',
  'l',
  'v',
  'c',
  'é',
  '%index%',
  '__proto__',
  '1',
  '$.data',
  '$',
  'wallaby',
  'inner.yaml',
  'OS::Heat::None',
  'OS::Heat::Value',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  ...patterns,
];
const expressions = [
  '$.data.select($ + 1)',
  'range(100000000)',
  '$.data.cycle()',
  'sequence().toList()',
  "'a' * 100000000",
  '$.data.orderBy($).groupBy($)',
  'regex("(a+)+$").matches($.data)',
  '[1,2].aggregate($1 + $2)',
  'generate(1, true, $ * 2)',
  'let(a => $) -> $a',
  'def(f, f()) -> f()',
  '$.'.repeat(300),
  '('.repeat(300),
  '-'.repeat(500),
] as const;
const names = [
  'get_param',
  'get_attr',
  'get_resource',
  'get_file',
  'str_replace',
  'str_split',
  'list_join',
  'list_concat',
  'map_merge',
  'map_replace',
  'repeat',
  'digest',
  'make_url',
  'filter',
  'if',
  'not',
  'and',
  'or',
  'equals',
  'contains',
  'yaql',
  'resource_facade',
  'Ref',
  'Fn::GetAtt',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::Replace',
  'Fn::Base64',
  'Fn::FindInMap',
  'Fn::MemberListToMap',
  'Fn::If',
  'Fn::ResourceFacade',
  'properties',
  'type',
  'condition',
  'depends_on',
  'count',
  'resource_def',
  '__proto__',
] as const;

function fresh(pick: Pick, depth: number): Data {
  const kind = pick(depth > 4 ? 6 : 12);
  if (kind < 6) return one(pick, scalars);
  if (kind < 8) return Array.from({ length: pick(4) }, () => fresh(pick, depth + 1));
  if (kind < 9) return { yaql: { expression: one(pick, expressions), data: fresh(pick, depth + 1) } };
  return { [one(pick, names)]: fresh(pick, depth + 1) };
}

function damagedText(text: string, pick: Pick): string {
  let result = text;
  for (let edits = pick(6); edits >= 0; edits--) {
    const at = pick(result.length + 1);
    const cut = pick(3) === 0 ? pick(12) : 0;
    result = result.slice(0, at) + one(pick, pieces) + result.slice(at + cut);
  }
  return result;
}

/** A copy with one place changed: on each level one child is chosen, until chance stops. */
function damagedData(data: Data, pick: Pick, depth = 0): Data {
  if (depth > 2 && pick(4) === 0) return fresh(pick, 0);
  if (typeof data === 'string') return pick(2) === 0 ? damagedText(data, pick) : fresh(pick, 0);
  if (data === null || typeof data !== 'object') return fresh(pick, 0);
  if (Array.isArray(data)) {
    if (data.length === 0) return [fresh(pick, 0)];
    const at = pick(data.length);
    if (pick(12) === 0) return data.filter((_, index) => index !== at);
    return data.map((item, index) => (index === at ? damagedData(item, pick, depth + 1) : item));
  }
  const entries = Object.entries(data);
  if (entries.length === 0) return { [one(pick, names)]: fresh(pick, 0) };
  const at = pick(entries.length);
  const change = depth === 0 ? 2 : pick(14);
  if (change === 0) return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(
    entries.map(([key, item], index) => {
      if (index !== at) return [key, item];
      return change === 1 ? [one(pick, names), item] : [key, damagedData(item, pick, depth + 1)];
    }),
  );
}

/** The job with a few places changed; what it asks for stays. */
export function damaged(job: Job, pick: Pick): Job {
  let result: Data = job;
  for (let edits = pick(3); edits >= 0; edits--) result = damagedData(result, pick);
  return result !== null && typeof result === 'object' && !Array.isArray(result)
    ? { ...result, op: job.op ?? null }
    : job;
}
