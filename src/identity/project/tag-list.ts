// Lists of tags: their schema and the filters of lists by them.
import { Type } from '@sinclair/typebox';
import { type RawBuilder, sql } from 'kysely';

export const maximumTags = 80;
const tag = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]+$' });
export const tagList = Type.Array(tag, { maxItems: maximumTags, uniqueItems: true });

/** The tag filters of lists (API-SIG, "Tags"). */
export const tagFilters: Readonly<Record<string, (value: string) => RawBuilder<unknown>>> = {
  tags: (value) => sql`tags @> ${value.split(',')}::text[]`,
  'tags-any': (value) => sql`tags && ${value.split(',')}::text[]`,
  'not-tags': (value) => sql`not tags @> ${value.split(',')}::text[]`,
  'not-tags-any': (value) => sql`not tags && ${value.split(',')}::text[]`,
};
