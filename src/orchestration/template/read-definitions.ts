// Reads the resources and outputs sections of a template into definitions.
import type { OutputDefinition, ResourceDefinition } from './definition.ts';
import { attributeError, isPlainFault, TemplateError, typeError, validationFailed } from './errors.ts';
import type { Evaluation } from './evaluation.ts';
import { Fn, resolve, type Snippet, type SnippetMap } from './fn/fn.ts';
import type { StackScope } from './stack.ts';
import { type Dict, isDict, quote, str, typeName, type Value } from './value/index.ts';

const isSection = (snippet: Snippet): snippet is SnippetMap | Fn => snippet instanceof Map || snippet instanceof Fn;

/** Reads the fields of one resource, in the order in which faults are reported. */
class ResourceReader {
  private readonly stack: StackScope;
  private readonly name: string;
  private readonly data: Dict;
  private readonly evaluation: Evaluation;
  constructor(stack: StackScope, name: string, data: Dict, evaluation: Evaluation) {
    this.stack = stack;
    this.name = name;
    this.data = data;
    this.evaluation = evaluation;
  }

  private wrongType(key: string, type: string): TemplateError {
    return typeError(`Resource ${this.name} ${key} type must be ${type}`);
  }

  private parsed(key: string): Snippet | undefined {
    if (!this.data.has(key)) return undefined;
    return this.stack.parse(
      this.data.get(key) ?? null,
      `${this.stack.template.language.keys.resources}.${this.name}.${key}`,
    );
  }

  private section(key: string): SnippetMap | Fn | undefined {
    const snippet = this.parsed(key);
    if (snippet === undefined) return undefined;
    if (!isSection(snippet)) throw this.wrongType(key, 'object');
    return snippet;
  }

  private depends(key: string): string[] | undefined {
    const value = this.data.get(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return [value];
    if (!Array.isArray(value)) throw this.wrongType(key, 'list or string');
    return value.map((item) => {
      if (typeof item !== 'string') throw validationFailed(`Resource ${this.name} ${key} must be a list of strings`);
      return item;
    });
  }

  private deletionPolicy(key: string): string | undefined {
    const snippet = this.parsed(key);
    if (snippet === undefined) return undefined;
    if (typeof snippet !== 'string' && !(snippet instanceof Fn)) throw this.wrongType(key, 'string');
    const policy = resolve(snippet, this.evaluation);
    if (policy === null) return undefined;
    const known = typeof policy === 'string' ? this.stack.template.language.deletionPolicies.get(policy) : undefined;
    if (known === undefined) throw validationFailed(`Invalid deletion policy "${str(policy)}"`);
    return known;
  }

  private condition(key: string): Snippet | undefined {
    if (!this.data.has(key)) return undefined;
    const { language } = this.stack.template;
    const snippet = this.stack.parseCondition(
      this.data.get(key) ?? null,
      `${language.keys.resources}.${this.name}.${key}`,
      this.evaluation,
    );
    if (typeof snippet !== 'string' && typeof snippet !== 'boolean' && !(snippet instanceof Fn))
      throw this.wrongType(key, language.hot ? 'string_or_boolean' : 'string or boolean');
    return snippet;
  }

  read(): { definition: ResourceDefinition; condition: Snippet | undefined } {
    const { language } = this.stack.template;
    const { keys } = language;
    if (!this.data.has(keys.type))
      throw new TemplateError('KeyError', quote(`Resource ${this.name} is missing "${keys.type}"`));
    const type = this.parsed(keys.type);
    if (typeof type !== 'string') throw this.wrongType(keys.type, 'string');
    const properties = this.section(keys.properties);
    const metadata = this.section(keys.metadata);
    const depends = this.depends(keys.dependsOn);
    let deletionPolicy = this.deletionPolicy(keys.deletionPolicy);
    const updatePolicy = this.section(keys.updatePolicy);
    const description = this.data.get(keys.resourceDescription);
    if (description !== undefined && typeof description !== 'string')
      throw this.wrongType(keys.resourceDescription, 'string');
    let externalId: Snippet | undefined;
    if (language.hot && language.hasConditions) {
      externalId = this.parsed('external_id');
      if (externalId !== undefined && typeof externalId !== 'string' && !(externalId instanceof Fn))
        throw this.wrongType('external_id', 'string');
      // What exists outside of the stack is never deleted with it.
      if (externalId !== undefined) deletionPolicy = 'Retain';
    }
    const condition = language.hasConditions ? this.condition(keys.condition) : undefined;
    return {
      definition: {
        name: this.name,
        type,
        properties,
        metadata,
        depends,
        deletionPolicy,
        updatePolicy,
        description: description ?? '',
        externalId,
        condition: null,
      },
      condition,
    };
  }
}

function checkKeys(data: Value, known: readonly string[]): asserts data is Dict {
  const names: readonly Value[] | undefined = isDict(data)
    ? [...data.keys()]
    : typeof data === 'string'
      ? [...new Set(data)]
      : Array.isArray(data)
        ? data
        : undefined;
  if (!names) throw typeError(`'${typeName(data)}' object is not iterable`);
  const unknown = names.filter((name) => typeof name !== 'string' || !known.includes(name));
  if (unknown.length > 0)
    throw new TemplateError(
      'ValueError',
      `Invalid keyword(s) inside a resource definition: ${unknown.map(str).join(', ')}`,
    );
}

/** Something that is no map stands where a resource should. */
function noType(name: string, data: Value, key: string): TemplateError {
  if (Array.isArray(data) || typeof data === 'string')
    return new TemplateError('KeyError', quote(`Resource ${name} is missing "${key}"`));
  return typeError(`argument of type '${typeName(data)}' is not iterable`);
}

/**
 * Reads the resources section; resources whose condition is false are left out.
 * @param properties replaces the properties of resources that were computed elsewhere
 * @throws TemplateError StackValidationFailed for a definition of the wrong form
 */
export function readDefinitions(
  stack: StackScope,
  evaluation: Evaluation,
  properties?: ReadonlyMap<string, SnippetMap>,
): { enabled: ReadonlyMap<string, ResourceDefinition>; disabled: readonly string[] } {
  const { language } = stack.template;
  const section = stack.template.section('resources');
  if (!isDict(section)) throw attributeError(`'${typeName(section)}' object has no attribute 'items'`);
  // Read even where no resource has one: a section at fault is reported.
  void stack.conditions;
  const enabled = new Map<string, ResourceDefinition>();
  const disabled: string[] = [];
  for (const [key, data] of section) {
    const name = str(key);
    let read: { definition: ResourceDefinition; condition: Snippet | undefined };
    try {
      if (language.hot) checkKeys(data, language.resourceKeys);
      if (!isDict(data)) throw noType(name, data, language.keys.type);
      read = new ResourceReader(stack, name, data, evaluation).read();
    } catch (cause) {
      if (isPlainFault(cause)) throw validationFailed(cause.message, { cause });
      throw cause;
    }
    const condition = read.condition === undefined ? null : resolve(read.condition, evaluation);
    if (condition !== null) {
      let holds: boolean;
      try {
        holds = stack.condition(condition, evaluation);
      } catch (cause) {
        if (cause instanceof TemplateError && cause.type === 'ValueError')
          throw validationFailed(cause.message, {
            path: [language.keys.resources, name, language.keys.condition],
            cause,
          });
        throw cause;
      }
      if (!holds) {
        disabled.push(name);
        continue;
      }
    }
    const replaced = properties?.get(name);
    enabled.set(name, { ...read.definition, condition, ...(replaced ? { properties: replaced } : {}) });
  }
  return { enabled, disabled };
}

/**
 * Reads the outputs section.
 * @throws TemplateError StackValidationFailed for an output of the wrong form
 */
export function readOutputs(stack: StackScope, evaluation: Evaluation): ReadonlyMap<string, OutputDefinition> {
  const { language } = stack.template;
  const { keys } = language;
  const section = stack.template.section('outputs');
  if (!isDict(section)) throw attributeError(`'${typeName(section)}' object has no attribute 'items'`);
  // Conditions are read even where no output has one: a section at fault is reported.
  void stack.conditions;
  const outputs = new Map<string, OutputDefinition>();
  for (const [key, data] of section) {
    const name = str(key);
    const at = [keys.outputs, name];
    if (!isDict(data))
      throw validationFailed(`Output definitions must be a map. Found a ${typeName(data)} instead`, {
        error: 'Output validation error',
        path: at,
      });
    if (!data.has(keys.value))
      throw validationFailed(`Each output definition must contain a ${keys.value} key.`, {
        error: 'Output validation error',
        path: at,
      });
    const text = data.get(keys.outputDescription) ?? null;
    const description = text === null ? undefined : str(text);
    if (language.hasConditions) {
      const where = [keys.outputs, name, keys.condition];
      const condition = resolve(
        stack.parseCondition(data.get(keys.condition) ?? null, where.join('.'), evaluation),
        evaluation,
      );
      let enabled: boolean;
      try {
        enabled = stack.condition(condition, evaluation);
      } catch (cause) {
        if (cause instanceof TemplateError && cause.type === 'ValueError')
          throw validationFailed(cause.message, { path: where, cause });
        throw cause;
      }
      if (!enabled) {
        outputs.set(name, { name, value: null, description, disabled: true });
        continue;
      }
    }
    outputs.set(name, {
      name,
      value: stack.parse(data.get(keys.value) ?? null, `${keys.outputs}.${name}.${keys.value}`),
      description,
      disabled: false,
    });
  }
  return outputs;
}
