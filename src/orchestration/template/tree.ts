// Builds the tree of stacks from what a user sends: template, environment, files and arguments.
import { type Context, Tally, TemplateCache } from './context.ts';
import { Environment } from './environment/environment.ts';
import { withAllSections } from './environment/format.ts';
import { mergeEnvironments } from './environment/merge.ts';
import type { Evaluation } from './evaluation.ts';
import type { CustomConstraints } from './parameter/constraints.ts';
import type { Given } from './parameter/parameter.ts';
import { Parameters, type StackIdentity } from './parameter/parameters.ts';
import type { ParameterSchema } from './parameter/schema.ts';
import { CompiledLibrary, type ResourceTypeLibrary } from './resource-type.ts';
import { defaultLimits, type Limits } from './scope.ts';
import { StackScope } from './stack.ts';
import { Template } from './template.ts';
import { readTemplate } from './text.ts';
import { type Dict, fromPlain, isDict, type Key, type Plain, str, type Value } from './value/index.ts';

/** What a user sends to create or update a stack. */
export interface TreeInput {
  /** Text (YAML or JSON) or data. */
  readonly template: string | Plain | Dict;
  readonly files?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /** An environment as data; its sections may be missing. */
  readonly environment?: Plain | Dict;
  /** Names among the files, merged in order over `environment`. */
  readonly environmentFiles?: readonly string[];
  /** Arguments; they go before `environment`'s parameters and after those of files. */
  readonly parameters?: Plain | Dict;
}

export interface TreeSettings {
  readonly types: ResourceTypeLibrary;
  readonly anyType?: boolean;
  readonly customs?: CustomConstraints;
  readonly unavailable?: Context['unavailable'];
  readonly limits?: Partial<Limits>;
  readonly identity?: Partial<StackIdentity>;
  readonly zones?: readonly string[];
  readonly notFetched?: (name: string) => string;
  readonly templates?: TemplateCache;
}

export function contextOf(settings: TreeSettings): Context {
  return {
    types: new CompiledLibrary(settings.types),
    anyType: settings.anyType ?? false,
    customs: settings.customs,
    unavailable: settings.unavailable ?? (() => undefined),
    limits: { ...defaultLimits, ...settings.limits },
    identity: { name: '', id: '', arn: 'None', project: '', ...settings.identity },
    zones: settings.zones ?? ['nova'],
    notFetched:
      settings.notFetched ?? ((name) => `Invalid URL scheme ${/^([a-z][a-z0-9+.-]*):/i.exec(name)?.[1] ?? ''}`),
    templates: settings.templates ?? new TemplateCache(),
    tally: new Tally(),
  };
}

const asDict = (data: unknown): Dict => {
  const value = fromPlain(data);
  return isDict(value) ? value : new Map();
};

export function fileMap(files: TreeInput['files']): ReadonlyMap<string, string> {
  if (files instanceof Map) return files;
  return new Map(Object.entries(files ?? {}).map(([name, text]) => [name, String(text)]));
}

/** Parameter schemata of the template and of all templates among the files: what merging goes by. */
function allSchemata(
  template: Template,
  files: ReadonlyMap<string, string>,
  context: Context,
): Map<string, ParameterSchema> {
  const schemata = new Map<string, ParameterSchema>();
  for (const text of files.values()) {
    let data: Dict;
    try {
      data = readTemplate(text, undefined, context.limits.templateBytes);
    } catch {
      // Files that are no templates (scripts, environments) declare no parameters.
      continue;
    }
    for (const [name, schema] of new Template(data).parameterSchemata()) schemata.set(name, schema);
  }
  for (const [name, schema] of template.parameterSchemata()) schemata.set(name, schema);
  return schemata;
}

/**
 * The environment that results from all a user sends.
 * @throws TemplateError
 */
export function buildEnvironment(input: TreeInput, template: Template | undefined, context: Context): Environment {
  let data = withAllSections(asDict(input.environment));
  const given = data.get('parameters');
  data.set('parameters', new Map<Key, Value>([...(isDict(given) ? given : []), ...asDict(input.parameters)]));
  const files = fileMap(input.files);
  if (input.environmentFiles && input.environmentFiles.length > 0) {
    data = mergeEnvironments(
      data,
      input.environmentFiles,
      files,
      template ? allSchemata(template, files, context) : new Map(),
    );
  }
  return new Environment(data, globalTypes(context));
}

function globalTypes(context: Context) {
  const { library } = context.types;
  return { plugin: (type: string) => library.get(type)?.plugin, mappings: library.mappings };
}

/** @throws TemplateError for text that is no template or a version that does not exist */
export function loadTemplate(template: TreeInput['template'], context: Context): Template {
  const data =
    typeof template === 'string'
      ? context.templates.read('[root stack]', template, context.limits.templateBytes)
      : asDict(template);
  return new Template(data);
}

/** The root stack of a tree; nested stacks unfold when they are looked at. @throws TemplateError */
export function buildTree(input: TreeInput, context: Context, evaluation: Evaluation): StackScope {
  context.tally.reset();
  const template = loadTemplate(input.template, context);
  const environment = buildEnvironment(input, template, context);
  const given = new Map<string, Given>([...environment.parameters].map(([name, value]) => [str(name), () => value]));
  const parameters = new Parameters(
    template.parameterSchemata(),
    template.language.dialect,
    context.identity,
    given,
    environment.parameterDefaults,
  );
  return new StackScope({
    context,
    path: '',
    name: context.identity.name,
    depth: 0,
    template,
    environment,
    parameters,
    files: fileMap(input.files),
    parent: undefined,
    facade: undefined,
    evaluation,
  });
}
