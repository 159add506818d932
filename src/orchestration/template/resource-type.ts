// What the template language has to know of resource types; the schemas themselves are passed in.

import { compileProperties, type PropertyData, type PropertySchema, type PropertyType } from './property/schema.ts';
import type { Plain } from './value/index.ts';

export interface AttributeData {
  readonly type?: Exclude<PropertyType, 'Any' | 'Number'>;
  readonly description?: string;
  readonly hidden?: true;
}

/** Life of a type over releases, as the API tells it. */
export interface SupportStatus {
  readonly status: 'SUPPORTED' | 'DEPRECATED' | 'UNSUPPORTED' | 'HIDDEN';
  readonly version?: string;
  readonly message?: string;
  readonly previous_status?: SupportStatus;
}

/** A resource type as data. */
export interface ResourceTypeData {
  /** Name of the implementation; it also names the resource in the type's sample template. */
  readonly plugin: string;
  readonly properties: Readonly<Record<string, PropertyData>>;
  readonly attributes: Readonly<Record<string, AttributeData>>;
  readonly update_policy?: Readonly<Record<string, PropertyData>>;
  readonly support?: SupportStatus;
  /** Attributes beyond the schema exist (outputs of what is inside, values that agents report). */
  readonly open_attributes?: true;
  /** `deletion_policy: Snapshot` can be served. */
  readonly snapshots?: true;
  /** The type has no attribute `show`. */
  readonly description?: string;
}

/** What a rule may ask of the resource it looks at. */
export interface RuleSubject {
  readonly name: string;
  /** Names of the type's properties. */
  readonly names: readonly string[];
  /** A property as the resource works with it; null for none, for one that is not known yet and for an older name of another. @throws TemplateError ValueError */
  readonly property: (name: string) => Plain;
  readonly updatePolicy: (name: string) => Plain;
  readonly metadata: () => { readonly [key: string]: Plain };
  /** Another resource of the stack. */
  readonly resource: (name: string) => RuleSubject | undefined;
  /** Names of the resources of the stack that need another one. */
  readonly requiredBy: (name: string) => readonly string[];
}

/** What a type demands beyond its schema. Each throws a TemplateError. */
export interface TypeRules {
  /** Looked at before the properties are checked one by one. */
  readonly before?: (subject: RuleSubject) => void;
  readonly after?: (subject: RuleSubject) => void;
}

/** The types of a server: data by name, and old names that lead to new ones. */
export interface ResourceTypeLibrary {
  get(name: string): ResourceTypeData | undefined;
  names(): Iterable<string>;
  rules?(name: string): TypeRules | undefined;
  readonly mappings: readonly (readonly [from: string, to: string])[];
}

export interface CompiledType {
  readonly data: ResourceTypeData;
  readonly properties: ReadonlyMap<string, PropertySchema>;
  readonly updatePolicy: ReadonlyMap<string, PropertySchema>;
}

/** Compiles schemas on first use and keeps them. */
export class CompiledLibrary {
  readonly library: ResourceTypeLibrary;
  private readonly compiled = new Map<string, CompiledType>();
  constructor(library: ResourceTypeLibrary) {
    this.library = library;
  }
  get(name: string): CompiledType | undefined {
    const known = this.compiled.get(name);
    if (known) return known;
    const data = this.library.get(name);
    if (!data) return undefined;
    const type = {
      data,
      properties: compileProperties(data.properties),
      updatePolicy: compileProperties(data.update_policy ?? {}),
    };
    this.compiled.set(name, type);
    return type;
  }
}
