// Nonsense gets a refusal in the Image API's fault format and changes nothing.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { malformedRequests } from '../openstack/testing/malformed.ts';
import { startTestImages } from './testing/images.ts';

const service = await startTestImages();
const { images, http, database } = service;
afterAll(() => service.stop());

test('5,000 malformed requests are refused as images refuse, none with a server error, and leave nothing', async () => {
  const made: Record<string, number> = { images: 0, metadef_namespaces: 0 };
  for (const { method, path, body } of malformedRequests(images.api, { seed: 7, count: 5_000 })) {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await http.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    const said = `${method} ${path} ${body}: ${answer.status} ${answer.text}`;
    expect(answer.status, said).toBeLessThan(500);
    if (answer.status >= 400) expect(answer.text, said).toMatch(/^<html>[\s\S]*<h1>4\d\d /);
    // An image needs no attribute at all: the odd body that makes one is not malformed.
    if (answer.status === 201 && path.startsWith('/v2/images')) made.images = (made.images ?? 0) + 1;
    if (answer.status === 201 && path.startsWith('/v2/metadefs'))
      made.metadef_namespaces = (made.metadef_namespaces ?? 0) + 1;
  }
  for (const [table, count] of Object.entries(made)) {
    const kept = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(database);
    expect(kept.rows[0]?.count, table).toBe(count);
  }
}, 180_000);
