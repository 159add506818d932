// Functions that read parameters, resources and files: get_param, get_resource, get_attr, get_file, Ref, resource_facade.
import { attributeError, invalidReference, parameterMissing, TemplateError, typeError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { isDict, isInteger, lookup, str, toInteger, typeName, type Value } from '../value/index.ts';
import { type AttributePath, Fn, isMap, orNothing, resolve, type Snippet } from './fn.ts';
import type { Call } from './parse.ts';
import { hashable, unpack } from './unpack.ts';

/** Item of a list or character of a text at a Python index, undefined beyond its ends. */
export function at(items: readonly Value[] | string, index: number): Value | undefined {
  const list = typeof items === 'string' ? [...items] : items;
  return list.at(index);
}

function step(collection: Value, key: Value): Value | undefined {
  if (isDict(collection))
    return typeof key === 'string' || isInteger(key) || typeof key === 'boolean' ? lookup(collection, key) : undefined;
  if (!Array.isArray(collection) && typeof collection !== 'string') return undefined;
  if (isInteger(key)) return at(collection, Number(key));
  return typeof key === 'boolean' ? at(collection, key ? 1 : 0) : undefined;
}

/** Follows a path into an attribute's value; anything that does not fit yields null. */
export function selectFrom(value: Value, path: readonly Value[]): Value {
  let current: Value = value;
  for (const key of path) {
    const next = step(current, key);
    if (next === undefined) return null;
    current = next;
  }
  return current;
}

export class GetParam extends Fn {
  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    if (
      args === null ||
      args === '' ||
      args === false ||
      args === 0 ||
      (Array.isArray(args) && args.length === 0) ||
      (isDict(args) && args.size === 0)
    ) {
      throw valueError(`Function "${this.name}" must have arguments`);
    }
    if (typeof args !== 'string' && !Array.isArray(args))
      throw typeError(`Argument to "${this.name}" must be string or list`);
    const [name = null, ...path] = typeof args === 'string' ? [args] : args;
    if (typeof name !== 'string') throw typeError(`Parameter name in "${this.name}" must be string`);
    if (!this.stack.hasParameter(name)) throw parameterMissing(name);
    let current = this.stack.parameter(name, evaluation);
    for (const key of path) {
      let index = key;
      if (!isDict(current) && typeof key === 'string') {
        try {
          index = toInteger(key);
        } catch (cause) {
          if (cause instanceof TemplateError) return '';
          throw cause;
        }
      }
      const next = step(current, index);
      if (next === undefined) return '';
      current = next;
    }
    return current;
  }
}

/** Ref to a parameter. */
export class ParamRef extends Fn {
  override result(evaluation: Evaluation): Value {
    const name = resolve(this.args, evaluation);
    hashable(name);
    if (typeof name !== 'string' || !this.stack.hasParameter(name)) throw invalidReference(str(name), 'unknown');
    return this.stack.parameter(name, evaluation);
  }
}

export class GetResource extends Fn {
  private target(path: string, evaluation: Evaluation): string {
    const name = resolve(this.args, evaluation);
    hashable(name);
    if (typeof name !== 'string' || !this.stack.hasResource(name)) throw invalidReference(str(name), path);
    return name;
  }
  override dependencies(path: string, evaluation: Evaluation): string[] {
    return [...super.dependencies(path, evaluation), this.target(path, evaluation)];
  }
  override result(evaluation: Evaluation): Value {
    return this.stack.reference(this.target('unknown', evaluation), evaluation);
  }
}

interface AttributeArguments {
  readonly resource: Snippet;
  /** Undefined asks for all attributes. */
  readonly attribute: Snippet | undefined;
  readonly path: Snippet[];
}

/** How versions of get_attr read their arguments and their path. */
export type AttributeForm = 'select' | 'path' | 'all' | 'cfn';

function parseArguments(name: string, args: Snippet, form: AttributeForm): AttributeArguments {
  if (form === 'cfn') {
    try {
      const [resource = null, attribute = null] = unpack(args, 2);
      return { resource, attribute, path: [] };
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError')
        throw valueError(`Arguments to "${name}" must be of the form [resource_name, attribute]`);
      throw cause;
    }
  }
  if (form === 'all') {
    const empty =
      args === null ||
      args === '' ||
      args === 0 ||
      args === false ||
      (Array.isArray(args) && args.length === 0) ||
      (isMap(args) && args.size === 0);
    if (empty)
      throw valueError(
        `Arguments to "${name}" can be of the next forms: [resource_name] or [resource_name, attribute, (path), ...]`,
      );
    const items: Snippet[] | undefined = Array.isArray(args) ? args : typeof args === 'string' ? [...args] : undefined;
    if (items?.length === 1) return { resource: items[0] ?? null, attribute: undefined, path: [] };
  }
  if (!Array.isArray(args)) throw typeError(`Argument to "${name}" must be a list`);
  if (args.length < 2)
    throw valueError(`Arguments to "${name}" must be of the form [resource_name, attribute, (path), ...]`);
  const [resource = null, attribute = null, ...path] = args;
  return { resource, attribute: form === 'all' && attribute === null ? undefined : attribute, path };
}

const notSubscriptable = (value: Value) => typeError(`'${typeName(value)}' object is not subscriptable`);

export class GetAttribute extends Fn {
  private readonly form: AttributeForm;
  private readonly asked: AttributeArguments;
  constructor(call: Call, args: Snippet, form: AttributeForm) {
    super(call.scope, call.name, args);
    this.form = form;
    this.asked = parseArguments(call.name, args, form);
  }

  private target(path: string, evaluation: Evaluation): string {
    const name = resolve(this.asked.resource, evaluation);
    hashable(name);
    if (typeof name !== 'string' || !this.stack.hasResource(name)) throw invalidReference(str(name), path);
    return name;
  }

  private attributePath(evaluation: Evaluation): AttributePath {
    const attribute = resolve(this.asked.attribute ?? null, evaluation);
    if (typeof attribute !== 'string') throw notSubscriptable(attribute);
    if (this.form === 'select' || this.form === 'cfn') return [attribute];
    return [attribute, ...this.asked.path.map((item) => resolve(item, evaluation))];
  }

  override dependencies(path: string, evaluation: Evaluation): string[] {
    return [...super.dependencies(path, evaluation), this.target(path, evaluation)];
  }

  /** The attributes asked of one resource; none when they cannot be told yet. */
  asks(resource: string, evaluation: Evaluation): AttributePath[] {
    return orNothing<AttributePath>(() => {
      if (resolve(this.asked.resource, evaluation) !== resource) return [];
      return [this.asked.attribute === undefined ? ['*'] : this.attributePath(evaluation)];
    });
  }

  /**
   * Refuses a name or path that no table of attributes can hold, before any resource is looked at.
   * @throws TemplateError TypeError
   */
  checkAsked(evaluation: Evaluation): void {
    const keys = orNothing<Value>(() => [
      resolve(this.asked.resource, evaluation),
      resolve(this.asked.attribute ?? '*', evaluation),
      ...(this.form === 'select' || this.form === 'cfn'
        ? []
        : this.asked.path.map((item) => resolve(item, evaluation))),
    ]);
    keys.forEach(hashable);
    const [resource, attribute] = keys;
    if (keys.length !== 2 || typeof resource !== 'string' || !this.stack.hasResource(resource)) return;
    if (typeof attribute !== 'string') throw notSubscriptable(attribute ?? null);
  }

  override validate(evaluation: Evaluation): void {
    super.validate(evaluation);
    const resource = this.target('unknown', evaluation);
    if (this.asked.attribute === undefined) return;
    const attribute = resolve(this.asked.attribute, evaluation);
    hashable(attribute);
    if (typeof attribute !== 'string' || !this.stack.hasAttribute(resource, attribute)) {
      throw new TemplateError(
        'InvalidTemplateAttribute',
        `The Referenced Attribute (${resource} ${str(attribute)}) is incorrect.`,
      );
    }
  }

  override result(evaluation: Evaluation): Value {
    const resource = this.target('unknown', evaluation);
    if (evaluation.initial) return null;
    if (this.asked.attribute === undefined) return this.stack.allAttributes(resource, evaluation);
    const path = this.attributePath(evaluation);
    const value = this.stack.attribute(resource, path, evaluation);
    if (this.form !== 'select') return value;
    return value === null
      ? null
      : selectFrom(
          value,
          this.asked.path.map((item) => resolve(item, evaluation)),
        );
  }
}

export class GetFile extends Fn {
  override result(evaluation: Evaluation): Value {
    const key = resolve(this.args, evaluation);
    if (typeof key !== 'string') throw typeError(`Argument to "${this.name}" must be a string`);
    const text = this.stack.files.get(key);
    if (text === undefined) throw valueError(`No content found in the "files" section for ${this.name} path: ${key}`);
    return text;
  }
}

export class ResourceFacade extends Fn {
  private readonly keys: readonly [metadata: string, deletion: string, update: string];
  constructor(call: Call, args: Snippet, keys: readonly [string, string, string]) {
    super(call.scope, call.name, args);
    this.keys = keys;
    if (typeof args !== 'string' || !keys.includes(args))
      throw valueError(`Incorrect arguments to "${call.name}" should be one of: ${keys.join(', ')}`);
  }
  override result(evaluation: Evaluation): Value {
    const facade = this.stack.facade;
    const [metadata, deletion] = this.keys;
    if (!facade)
      throw attributeError(`'NoneType' object has no attribute '${this.args === metadata ? 'metadata_get' : 't'}'`);
    if (this.args === metadata) return facade.metadata(evaluation);
    return this.args === deletion ? facade.deletionPolicy(evaluation) : facade.updatePolicy(evaluation);
  }
}

/** A function this version does not have any more. */
export class Removed extends Fn {
  override validate(): void {
    throw new TemplateError(
      'InvalidTemplateVersion',
      `The template version is invalid: The function ${this.name} is not supported in this version of HOT.`,
    );
  }
  override result(evaluation: Evaluation): Value {
    return new Map([[this.name, resolve(this.args, evaluation)]]);
  }
}
