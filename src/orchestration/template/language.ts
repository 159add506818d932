// Every template version: its sections, keys and functions.
import { invalidVersion } from './errors.ts';
import { Base64, FindInMap, GetAzs, MemberListToMap, Select, Split } from './fn/cfn.ts';
import { AndOr, Equals, If, invalidHere, Not } from './fn/condition.ts';
import type { Fn, Snippet } from './fn/fn.ts';
import { Contains, Filter, ListConcat, MapMerge, MapReplace, Repeat } from './fn/lists.ts';
import type { Call, FunctionKind, FunctionTable } from './fn/parse.ts';
import {
  type AttributeForm,
  GetAttribute,
  GetFile,
  GetParam,
  GetResource,
  ParamRef,
  ResourceFacade,
} from './fn/references.ts';
import { Digest, Join, JoinMultiple, Replace, type ReplaceForm, StrSplit } from './fn/text.ts';
import { hashable } from './fn/unpack.ts';
import { MakeUrl } from './fn/url.ts';
import { Yaql } from './fn/yaql.ts';
import { dialects, type ParameterDialect } from './parameter/schema.ts';
import { compareText, type Dict } from './value/index.ts';

/** Names of the keys a dialect uses. */
export interface Keys {
  readonly description: string;
  readonly parameters: string;
  readonly mappings: string;
  readonly conditions: string;
  readonly resources: string;
  readonly outputs: string;
  readonly type: string;
  readonly properties: string;
  readonly metadata: string;
  readonly dependsOn: string;
  readonly deletionPolicy: string;
  readonly updatePolicy: string;
  readonly resourceDescription: string;
  readonly condition: string;
  readonly value: string;
  readonly outputDescription: string;
}

export interface Language {
  readonly versionKey: string;
  readonly version: string;
  readonly hot: boolean;
  readonly keys: Keys;
  readonly sections: readonly string[];
  readonly resourceKeys: readonly string[];
  readonly hasConditions: boolean;
  readonly dialect: ParameterDialect;
  readonly functions: FunctionTable;
  readonly conditionFunctions: FunctionTable;
  /** Accepted spellings of deletion policies. */
  readonly deletionPolicies: ReadonlyMap<string, string>;
}

const hotKeys: Keys = {
  description: 'description',
  parameters: 'parameters',
  mappings: '__undefined__',
  conditions: 'conditions',
  resources: 'resources',
  outputs: 'outputs',
  type: 'type',
  properties: 'properties',
  metadata: 'metadata',
  dependsOn: 'depends_on',
  deletionPolicy: 'deletion_policy',
  updatePolicy: 'update_policy',
  resourceDescription: 'description',
  condition: 'condition',
  value: 'value',
  outputDescription: 'description',
};
const cfnKeys: Keys = {
  description: 'Description',
  parameters: 'Parameters',
  mappings: 'Mappings',
  conditions: 'Conditions',
  resources: 'Resources',
  outputs: 'Outputs',
  type: 'Type',
  properties: 'Properties',
  metadata: 'Metadata',
  dependsOn: 'DependsOn',
  deletionPolicy: 'DeletionPolicy',
  updatePolicy: 'UpdatePolicy',
  resourceDescription: 'Description',
  condition: 'Condition',
  value: 'Value',
  outputDescription: 'Description',
};

const fn = (build: (call: Call, args: Snippet) => Fn): FunctionKind => ({ kind: 'function', build });
const simple = (Kind: new (scope: Call['scope'], name: string, args: Snippet) => Fn): FunctionKind =>
  fn((call, args) => new Kind(call.scope, call.name, args));
const checked = (Kind: new (call: Call, args: Snippet) => Fn): FunctionKind => fn((call, args) => new Kind(call, args));
const replace = (form: ReplaceForm): FunctionKind => fn((call, args) => new Replace(call, args, form));
const getAttribute = (form: AttributeForm): FunctionKind => fn((call, args) => new GetAttribute(call, args, form));
const repeat = (maps: boolean, permutations: boolean): FunctionKind =>
  fn((call, args) => new Repeat(call, args, { maps, permutations }));
const conditional = (nullable: boolean): FunctionKind => ({
  kind: 'macro',
  build: (call, raw, parse) => new If(call, raw, parse, nullable),
});
const removed: FunctionKind = { kind: 'removed' };
const invalid: FunctionKind = {
  kind: 'macro',
  build: (call) => {
    throw invalidHere(call.name);
  },
};

const hotFacade = fn((call, args) => new ResourceFacade(call, args, ['metadata', 'deletion_policy', 'update_policy']));
const cfnFacade = fn((call, args) => new ResourceFacade(call, args, ['Metadata', 'DeletionPolicy', 'UpdatePolicy']));
/** Ref names a resource of the template, else a parameter. */
const ref = fn((call, args) => {
  if (!call.scope) return new GetResource(call.scope, call.name, args);
  if (typeof args !== 'string') hashable(Array.isArray(args) ? [] : args instanceof Map ? new Map() : null);
  const names = typeof args === 'string' && call.scope.names(args);
  return names ? new GetResource(call.scope, call.name, args) : new ParamRef(call.scope, call.name, args);
});

const base: readonly (readonly [string, FunctionKind])[] = [
  ['get_param', simple(GetParam)],
  ['get_resource', simple(GetResource)],
  ['get_file', simple(GetFile)],
  ['resource_facade', hotFacade],
];
const cfnInHot: readonly (readonly [string, FunctionKind])[] = [
  ['Fn::GetAZs', simple(GetAzs)],
  ['Ref', ref],
  ['Fn::Join', checked(Join)],
  ['Fn::Split', checked(Split)],
  ['Fn::Replace', replace({ list: true })],
  ['Fn::Base64', simple(Base64)],
  ['Fn::MemberListToMap', checked(MemberListToMap)],
  ['Fn::ResourceFacade', cfnFacade],
];
const noCfn = cfnInHot.map(([name]) => [name, removed] as const);

type Entries = readonly (readonly [string, FunctionKind])[];
const conditions: Entries = [
  ['get_param', simple(GetParam)],
  ['equals', checked(Equals)],
  ['not', fn((call, args) => new Not(call, args, false))],
  ['and', fn((call, args) => new AndOr(call, args, true))],
  ['or', fn((call, args) => new AndOr(call, args, false))],
];
const pikeConditions: Entries = [...conditions, ['yaql', checked(Yaql)], ['contains', checked(Contains)]];

/** What each version adds to the one before. */
const hotSteps: readonly {
  readonly version: string;
  readonly release?: string;
  readonly functions: Entries;
  readonly conditions?: Entries;
  readonly dialect?: ParameterDialect;
}[] = [
  {
    version: '2013-05-23',
    functions: [
      ...base,
      ...cfnInHot,
      ['Fn::Select', checked(Select)],
      ['get_attr', getAttribute('select')],
      ['list_join', checked(Join)],
      ['str_replace', replace({})],
    ],
    dialect: dialects.hot,
  },
  { version: '2014-10-16', functions: [...noCfn, ['get_attr', getAttribute('path')]] },
  {
    version: '2015-04-30',
    functions: [
      ['repeat', repeat(false, false)],
      ['digest', simple(Digest)],
    ],
  },
  {
    version: '2015-10-15',
    functions: [
      ['get_attr', getAttribute('all')],
      ['list_join', checked(JoinMultiple)],
      ['str_replace', replace({ json: true })],
      ['str_split', checked(StrSplit)],
      ['Fn::Select', removed],
    ],
  },
  { version: '2016-04-08', functions: [['map_merge', simple(MapMerge)]] },
  {
    version: '2016-10-14',
    release: 'newton',
    functions: [
      ['repeat', repeat(true, false)],
      ['map_replace', simple(MapReplace)],
      ['yaql', checked(Yaql)],
      ['if', conditional(false)],
    ],
    conditions,
  },
  {
    version: '2017-02-24',
    release: 'ocata',
    functions: [
      ['filter', checked(Filter)],
      ['str_replace_strict', replace({ json: true, strict: true })],
    ],
    dialect: dialects.hot20170224,
  },
  {
    version: '2017-09-01',
    release: 'pike',
    functions: [
      ['repeat', repeat(true, true)],
      ['make_url', simple(MakeUrl)],
      ['list_concat', fn((call, args) => new ListConcat(call, args, false))],
      ['list_concat_unique', fn((call, args) => new ListConcat(call, args, true))],
      ['str_replace_vstrict', replace({ json: true, strict: true, emptyAllowed: false })],
      ['contains', checked(Contains)],
    ],
    conditions: pikeConditions,
  },
  { version: '2018-03-02', release: 'queens', functions: [], dialect: dialects.hot20180302 },
  { version: '2018-08-31', release: 'rocky', functions: [] },
  { version: '2021-04-16', release: 'wallaby', functions: [['if', conditional(true)]] },
];

/** In a condition, functions that are not for conditions may not stand; removed ones stay removed. */
function conditionTable(functions: FunctionTable, own: Entries, keepRemoved: boolean): FunctionTable {
  const table = new Map<string, FunctionKind>();
  for (const [name, kind] of functions) table.set(name, keepRemoved && kind.kind === 'removed' ? kind : invalid);
  for (const [name, kind] of own) table.set(name, kind);
  return table;
}

const policies = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)]));
const capitalPolicies = ['Delete', 'Retain', 'Snapshot'];

function hotLanguages(): Language[] {
  const languages: Language[] = [];
  let functions = new Map<string, FunctionKind>();
  let own: Entries | undefined;
  let dialect: ParameterDialect = dialects.hot;
  for (const step of hotSteps) {
    functions = new Map([...functions, ...step.functions]);
    own = step.conditions ?? own;
    dialect = step.dialect ?? dialect;
    const hasConditions = own !== undefined;
    const shared = {
      versionKey: 'heat_template_version',
      hot: true,
      keys: hotKeys,
      sections: [
        'heat_template_version',
        'description',
        'parameter_groups',
        'parameters',
        'resources',
        'outputs',
        '__undefined__',
        ...(hasConditions ? ['conditions'] : []),
      ],
      resourceKeys: [
        'type',
        'properties',
        'metadata',
        'depends_on',
        'deletion_policy',
        'update_policy',
        'description',
        ...(hasConditions ? ['external_id', 'condition'] : []),
      ],
      hasConditions,
      dialect,
      functions,
      conditionFunctions: conditionTable(functions, own ?? [], hasConditions),
      deletionPolicies: policies(
        hasConditions ? [...capitalPolicies, 'delete', 'retain', 'snapshot'] : capitalPolicies,
      ),
    };
    languages.push({ ...shared, version: step.version });
    if (step.release) languages.push({ ...shared, version: step.release });
  }
  return languages;
}

const amazon: Entries = [
  ['Fn::FindInMap', checked(FindInMap)],
  ['Fn::GetAZs', simple(GetAzs)],
  ['Ref', ref],
  ['Fn::GetAtt', getAttribute('cfn')],
  ['Fn::Select', checked(Select)],
  ['Fn::Join', checked(Join)],
  ['Fn::Split', checked(Split)],
  ['Fn::Replace', replace({ list: true })],
  ['Fn::Base64', simple(Base64)],
  ['Fn::MemberListToMap', checked(MemberListToMap)],
  ['Fn::ResourceFacade', cfnFacade],
];
const amazonConditions: Entries = [
  ['Fn::Equals', checked(Equals)],
  ['Ref', simple(ParamRef)],
  ['Fn::FindInMap', checked(FindInMap)],
  ['Fn::Not', fn((call, args) => new Not(call, args, true))],
  ['Fn::And', fn((call, args) => new AndOr(call, args, true))],
  ['Fn::Or', fn((call, args) => new AndOr(call, args, false))],
];

function cfnLanguage(versionKey: string, version: string, hasConditions: boolean): Language {
  const functions: FunctionTable = new Map(hasConditions ? [...amazon, ['Fn::If', conditional(false)]] : amazon);
  return {
    versionKey,
    version,
    hot: false,
    keys: cfnKeys,
    sections: [
      'AWSTemplateFormatVersion',
      'HeatTemplateFormatVersion',
      'Description',
      'Mappings',
      'Parameters',
      'Resources',
      'Outputs',
      ...(hasConditions ? ['Conditions'] : []),
    ],
    resourceKeys: [],
    hasConditions,
    dialect: dialects.cfn,
    functions,
    conditionFunctions: conditionTable(functions, hasConditions ? amazonConditions : [], false),
    deletionPolicies: policies(capitalPolicies),
  };
}

const languages: readonly Language[] = [
  ...hotLanguages(),
  cfnLanguage('AWSTemplateFormatVersion', '2010-09-09', true),
  cfnLanguage('HeatTemplateFormatVersion', '2012-12-12', false),
];
const versionKeys = ['heat_template_version', 'AWSTemplateFormatVersion', 'HeatTemplateFormatVersion'];

/**
 * The language a template is written in.
 * @throws TemplateError InvalidTemplateVersion naming the versions there are
 */
export function languageOf(data: Dict): Language {
  const present = versionKeys.filter((key) => typeof data.get(key) === 'string');
  if (present.length > 1) throw invalidVersion(`Ambiguous versions (${present.join(', ')})`);
  const [key] = present;
  if (key === undefined) throw invalidVersion('Template version was not provided');
  const version = String(data.get(key));
  const language = languages.find((candidate) => candidate.versionKey === key && candidate.version === version);
  if (language) return language;
  const available = languages
    .filter((candidate) => candidate.versionKey === key)
    .map((candidate) => candidate.version)
    .sort(compareText);
  throw invalidVersion(
    `"${key}: ${version}". "${key}" should be${available.length > 1 ? ' one of' : ''}: ${available.join(', ')}`,
  );
}

/** All versions by the key that names them, with the functions each has: what `GET /template_versions` lists. */
export function templateVersions(): readonly {
  readonly key: string;
  readonly version: string;
  readonly functions: readonly string[];
  readonly conditionFunctions: readonly string[];
}[] {
  return languages.map(({ versionKey, version, functions, conditionFunctions }) => ({
    key: versionKey,
    version,
    functions: [...functions].filter(([, kind]) => kind.kind !== 'removed').map(([name]) => name),
    conditionFunctions: [...conditionFunctions].filter(([, kind]) => kind.kind === 'function').map(([name]) => name),
  }));
}
