// The types that are only values: RandomString, Value, None.
import { randomInt } from 'node:crypto';
import type { ImmediateType, Properties, ResourcePlace } from './contract.ts';

export const physicalName = (place: ResourcePlace) =>
  `${place.stackName}-${place.name}-${place.id.slice(0, 12).replaceAll('-', '')}`;

const classes: Readonly<Record<string, string>> = {
  lettersdigits: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  letters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  hexdigits: '0123456789ABCDEF',
  octdigits: '01234567',
};

interface CharacterClass {
  readonly class?: string;
  readonly min?: number;
}
interface CharacterSequence {
  readonly sequence: string;
  readonly min?: number;
}

function list<Item>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

/** A string of the length asked for with at least the wanted number of each class and sequence, in random order. */
export function randomString(properties: Properties, pick: (below: number) => number = randomInt): string {
  const length = Number(properties.length ?? 32);
  const wantedClasses = list<CharacterClass>(properties.character_classes);
  const wantedSequences = list<CharacterSequence>(properties.character_sequences);
  const pools = [
    ...wantedClasses.map((one) => ({ characters: classes[one.class ?? 'lettersdigits'] ?? '', min: one.min ?? 1 })),
    ...wantedSequences.map((one) => ({ characters: one.sequence, min: one.min ?? 1 })),
  ];
  if (pools.length === 0)
    pools.push({
      characters: classes[String(properties.sequence ?? 'lettersdigits')] ?? classes.lettersdigits ?? '',
      min: 1,
    });
  const all = pools.map(({ characters }) => characters).join('');
  const from = (characters: string) => characters[pick(characters.length)] ?? '';
  const chosen = pools.flatMap(({ characters, min }) => Array.from({ length: min }, () => from(characters)));
  while (chosen.length < length) chosen.push(from(all));
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = pick(i + 1);
    [chosen[i], chosen[j]] = [chosen[j] ?? '', chosen[i] ?? ''];
  }
  return chosen.slice(0, Math.max(length, 0)).join('');
}

/** OS::Heat::RandomString: made once; a new `salt` replaces it. */
export const randomStringType: ImmediateType = {
  kind: 'immediate',
  async create(_tx, place, properties) {
    return { physicalId: physicalName(place), attributes: { value: randomString(properties) } };
  },
};

/** OS::Heat::Value: its value is its attribute. */
export const valueType: ImmediateType = {
  kind: 'immediate',
  async create(_tx, place, properties) {
    return { physicalId: physicalName(place), attributes: { value: properties.value ?? null } };
  },
  async update(_tx, _place, properties, before) {
    return { physicalId: before.physicalId, attributes: { value: properties.value ?? null } };
  },
};

/** OS::Heat::None: takes every property, answers every attribute with nothing. */
export const noneType: ImmediateType = {
  kind: 'immediate',
  create: async (_tx, place) => ({ physicalId: physicalName(place), attributes: {} }),
  update: async (_tx, _place, _properties, before) => before,
};
