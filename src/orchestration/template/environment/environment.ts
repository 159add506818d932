// An environment: parameters, defaults, registry and the rest, and what of it a nested stack inherits.
import { copy, type Dict, isDict, type Key, type Value } from '../value/index.ts';
import { environmentSections } from './format.ts';
import { type GlobalTypes, Registry, type RegistryEntry } from './registry.ts';

const dict = (value: Value | undefined): Dict => (isDict(value) ? value : new Map());
const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

export class Environment {
  readonly parameters: Dict;
  readonly parameterDefaults: Dict;
  readonly registry: Registry;
  readonly encryptedNames: readonly Value[];
  readonly eventSinks: Value[];
  private readonly global: GlobalTypes;

  /** @throws TemplateError for a registry with wrong hooks */
  constructor(data: Dict, global: GlobalTypes) {
    this.global = global;
    this.parameterDefaults = new Map(dict(data.get('parameter_defaults')));
    this.registry = new Registry(global);
    this.registry.load(data.get('resource_registry') ?? new Map());
    this.encryptedNames = list(data.get('encrypted_param_names'));
    this.eventSinks = [...list(data.get('event_sinks'))];
    const given = data.get('parameters');
    this.parameters = new Map(
      given === undefined
        ? [...data].filter(([key]) => typeof key === 'string' && !environmentSections.includes(key))
        : dict(given),
    );
  }

  /** The environment as the API shows it. */
  toDict(): Dict {
    return new Map<Key, Value>([
      ['resource_registry', this.registry.toDict()],
      ['parameters', copy(this.parameters)],
      ['parameter_defaults', copy(this.parameterDefaults)],
      ['event_sinks', copy(this.eventSinks)],
    ]);
  }

  /** What a nested stack sees: the same defaults and registry, without the mapping to its own template. */
  child(resource: string | undefined, hidden: RegistryEntry | undefined): Environment {
    const data = new Map<Key, Value>([
      ['parameters', new Map()],
      ['parameter_defaults', this.parameterDefaults],
      ['resource_registry', this.registry.toDict()],
      ['event_sinks', this.eventSinks],
    ]);
    const environment = new Environment(data, this.global);
    if (hidden) environment.registry.hide(hidden);
    if (resource) environment.registry.enter(resource);
    return environment;
  }
}
