// What the template language has to know of resource types; the schemas themselves are passed in.
import { compileProperties, type PropertyData, type PropertySchema, type PropertyType } from './property/schema.ts';

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

/** The types of a server: data by name, and old names that lead to new ones. */
export interface ResourceTypeLibrary {
  get(name: string): ResourceTypeData | undefined;
  names(): Iterable<string>;
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
