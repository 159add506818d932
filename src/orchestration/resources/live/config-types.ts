// Software configs as resources: rows of the software config API.
import type { Transaction } from '../../../database/index.ts';
import { OperationFailed } from '../../../operations/index.ts';
import {
  type ConfigInput,
  type ConfigOutput,
  deleteConfig,
  findConfig,
  insertConfig,
} from '../../software-config/store.ts';
import type { Existing, ImmediateType, Properties, ResourcePlace, ResourceState } from './contract.ts';

function list<Item>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

async function removeConfig(tx: Transaction, _place: ResourcePlace, before: Existing): Promise<void> {
  if (before.physicalId !== '' && (await findConfig(tx, before.physicalId))) await deleteConfig(tx, before.physicalId);
}

async function checkConfig(tx: Transaction, place: ResourcePlace, before: Existing): Promise<ResourceState> {
  const row = uuid.test(before.physicalId) ? await findConfig(tx, before.physicalId, place.projectId) : undefined;
  if (!row) throw new OperationFailed(`software config ${before.physicalId} is gone`, '');
  return { physicalId: row.id, attributes: { config: row.config } };
}

function configType(defaultGroup: string): ImmediateType {
  return {
    kind: 'immediate',
    async create(tx, place, properties) {
      const row = await insertConfig(tx, {
        id: place.id,
        projectId: place.projectId,
        name: `${place.stackName}-${place.name}`,
        group: typeof properties.group === 'string' ? properties.group : defaultGroup,
        config: properties.config ?? null,
        inputs: list<ConfigInput>(properties.inputs),
        outputs: list<ConfigOutput>(properties.outputs),
        options: properties.options ?? null,
      });
      return { physicalId: row.id, attributes: { config: row.config } };
    },
    check: checkConfig,
    delete: removeConfig,
  };
}

/** OS::Heat::SoftwareConfig. A changed config is a new one: deployments see by its id that they must run. */
export const softwareConfigType = configType('Heat::Ungrouped');
/** OS::Heat::StructuredConfig. */
export const structuredConfigType = configType('Heat::Ungrouped');

/** OS::Heat::MultipartMime: the parts, configs by id or text, as one MIME message for user data (RFC 2046). */
export const multipartMimeType: ImmediateType = {
  kind: 'immediate',
  async create(tx, place, properties) {
    const parts: string[] = [];
    for (const part of list<Readonly<Record<string, unknown>>>(properties.parts)) {
      const given = String(part.config);
      const known = uuid.test(given) ? (await findConfig(tx, given))?.config : undefined;
      const text = typeof known === 'string' ? known : given;
      if (part.type === 'multipart') parts.push(...partsOf(text, part.subtype));
      else parts.push(partText(text, part.subtype, part.filename));
    }
    const boundary = `=====${place.id.replaceAll('-', '')}==`;
    const config = `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--\n`;
    const row = await insertConfig(tx, {
      id: place.id,
      projectId: place.projectId,
      name: `${place.stackName}-${place.name}`,
      group: String(properties.group ?? 'Heat::Ungrouped'),
      config,
      inputs: [],
      outputs: [],
      options: null,
    });
    return { physicalId: row.id, attributes: { config } };
  },
  check: checkConfig,
  delete: removeConfig,
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function partText(text: string, subtype: unknown, filename: unknown): string {
  // Base64 keeps lines that look like a boundary from ending the part.
  const encoded = Buffer.from(text)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\n');
  const name = typeof filename === 'string' ? `\nContent-Disposition: attachment; filename="${filename}"` : '';
  const type = typeof subtype === 'string' && subtype !== '' ? subtype : 'plain';
  return `Content-Type: text/${type}; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64${name}\n\n${encoded}`;
}

/** Parts of a message that is multipart already; where a subtype is given only those of it. */
function partsOf(message: string, subtype: unknown): string[] {
  const boundary = /boundary="?([^"\r\n;]+)"?/i.exec(message)?.[1];
  if (boundary === undefined) return [partText(message, undefined, undefined)];
  const parts = message
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => part.trim());
  return typeof subtype === 'string' && subtype !== ''
    ? parts.filter((part) => new RegExp(`^content-type:\\s*\\w+/${subtype}\\b`, 'im').test(part))
    : parts;
}

/** Puts input values where a structured config says `{get_input: NAME}` (the key is the deployment's `input_key`). */
export function fillInputs(value: unknown, inputKey: string, values: Properties): unknown {
  if (Array.isArray(value)) return value.map((item) => fillInputs(item, inputKey, values));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === inputKey && typeof only[1] === 'string') return values[only[1]] ?? null;
  return Object.fromEntries(entries.map(([key, inner]) => [key, fillInputs(inner, inputKey, values)]));
}
