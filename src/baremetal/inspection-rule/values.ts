// The values that inspection rules read: text with places such as {inventory[cpu][count]} or {node.driver}.

export interface Sources {
  readonly node: Readonly<Record<string, unknown>>;
  readonly inventory: Readonly<Record<string, unknown>>;
  readonly plugin_data: Readonly<Record<string, unknown>>;
  /** What a loop has come to. */
  readonly item?: unknown;
}

const place = /\{((?:node|inventory|plugin_data|item)(?:\.[\w-]+|\[[^\]{}]+\])*)\}/g;

/** The value with its places filled in, in lists and objects too. A text that is one place alone becomes what stands there. */
export function resolved(value: unknown, sources: Sources): unknown {
  if (typeof value === 'string') {
    const whole = new RegExp(`^${place.source}$`).exec(value);
    if (whole?.[1] !== undefined) return at(sources, whole[1]);
    return value.replace(place, (_text, path: string) => textOf(at(sources, path)));
  }
  if (Array.isArray(value)) return value.map((one) => resolved(one, sources));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, sources)]));
  return value;
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `driver_info.redfish_address`, `/driver_info/redfish_address` or `driver_info[redfish_address]` as its parts. */
export function pathOf(text: string): string[] {
  return text.split(/[./[\]]+/).filter((part) => part !== '');
}

function at(sources: Sources, path: string): unknown {
  return pathOf(path).reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined,
    sources,
  );
}
