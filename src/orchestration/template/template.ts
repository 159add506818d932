// One template: its data in the language of its version, and the checks on its overall form.
import { attributeError, TemplateError, validationFailed } from './errors.ts';
import { type Language, languageOf } from './language.ts';
import { type ParameterSchema, readParameterSchema } from './parameter/schema.ts';
import { compareText, type Dict, isDict, str, truthy, typeName, type Value } from './value/index.ts';

export class Template {
  readonly data: Dict;
  readonly language: Language;

  /** @throws TemplateError InvalidTemplateVersion */
  constructor(data: Dict) {
    this.data = data;
    this.language = languageOf(data);
  }

  /** A section's content; what is empty counts as an empty map. */
  section(name: 'parameters' | 'resources' | 'outputs' | 'mappings'): Value {
    const value = this.data.get(this.language.keys[name]) ?? null;
    return truthy(value) ? value : new Map();
  }

  get description(): Value {
    const value = this.data.get(this.language.keys.description) ?? null;
    return truthy(value) ? value : 'No description';
  }

  get mappings(): Dict {
    const value = this.language.hot ? new Map() : this.section('mappings');
    return isDict(value) ? value : new Map();
  }

  /** Names in the resources section, enabled or not. */
  names(resource: string): boolean {
    const resources = this.section('resources');
    return isDict(resources) && resources.has(resource);
  }

  /**
   * Declared parameters in order.
   * @param defaults the environment's parameter_defaults, where they replace the declared defaults (in nested templates)
   * @throws TemplateError InvalidSchemaError
   */
  parameterSchemata(defaults?: Dict): Map<string, ParameterSchema> {
    const section = this.section('parameters');
    if (!isDict(section)) throw attributeError(`'${typeName(section)}' object has no attribute 'items'`);
    return new Map(
      [...section].map(([name, data]) => [
        str(name),
        readParameterSchema(str(name), data, this.language.dialect, defaults?.get(name)),
      ]),
    );
  }

  /**
   * Checks section names and that every resource has a type.
   * @throws TemplateError InvalidTemplateSection, StackValidationFailed
   */
  validate(): void {
    const { language } = this;
    for (const key of this.data.keys()) {
      if (typeof key !== 'string' || !language.sections.includes(key))
        throw new TemplateError('InvalidTemplateSection', `The template section is invalid: ${str(key)}`);
    }
    const resources = this.section('resources');
    if (!isDict(resources))
      throw attributeError(`'${typeName(resources)}' object has no attribute '${language.hot ? 'items' : 'values'}'`);
    if (language.hot) this.validateHotResources(resources);
    else this.validateCfnResources(resources);
  }

  private validateHotResources(resources: Dict): void {
    const message = 'Each resource must contain a type key.';
    const known = new Set([...this.language.resourceKeys, 'external_id', 'condition']);
    for (const [, attributes] of [...resources].sort(([a], [b]) => compareText(str(a), str(b)))) {
      if (!truthy(attributes)) throw validationFailed(message);
      if (!isDict(attributes))
        throw validationFailed(
          `"resources" must contain a map of resource maps. Found a [<class '${typeName(attributes)}'>] instead`,
        );
      for (const key of attributes.keys()) {
        if (typeof key !== 'string' || !known.has(key))
          throw validationFailed(`"${str(key)}" is not a valid keyword inside a resource definition`);
      }
      if (!attributes.has('type')) throw validationFailed(message);
    }
    for (const attributes of resources.values()) {
      if (isDict(attributes) && !truthy(attributes.get('type') ?? null))
        throw validationFailed('Each Resource must contain a Type key.');
    }
  }

  private validateCfnResources(resources: Dict): void {
    for (const resource of resources.values()) {
      if (!truthy(resource)) throw validationFailed('Each Resource must contain a Type key.');
      if (!isDict(resource))
        throw validationFailed(`Resources must contain Resource. Found a [<class '${typeName(resource)}'>] instead`);
      if (!truthy(resource.get('Type') ?? null)) throw validationFailed('Each Resource must contain a Type key.');
    }
  }
}
