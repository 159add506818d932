// Lists of images, and what the Image API says of itself.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { testAdmin } from '../openstack/testing/index.ts';
import { startTestImages, testMember } from './testing/images.ts';

const service = await startTestImages();
const { images, http, made, put } = service;
afterEach(() => {
  service.caller = testAdmin;
});
afterAll(() => service.stop());

describe('listing images', () => {
  test('filters, sorts and pages', async () => {
    service.caller = testMember('lister');
    const sizes = [5, 3, 9, 3, 7];
    for (const [index, size] of sizes.entries()) {
      const { id } = await made({ name: `l${index}`, tags: index % 2 ? ['odd', 'x'] : ['x'], kind: `k${index % 2}` });
      await put(id, Buffer.alloc(size));
    }
    const names = (list: { images: { name: string }[] }) => list.images.map(({ name }) => name);
    const get = async (query: string) => (await http.get(`/v2/images?owner=lister&${query}`)).json;
    expect(names(await get('sort=size:asc,name:desc'))).toEqual(['l3', 'l1', 'l0', 'l4', 'l2']);
    expect(names(await get('tag=odd&tag=x&sort_key=name&sort_dir=asc'))).toEqual(['l1', 'l3']);
    expect(names(await get('kind=k0&size_min=6&sort_key=name&sort_dir=asc'))).toEqual(['l2', 'l4']);
    expect(names(await get('name=in:l0,"l4",zz&sort_key=name&sort_dir=asc'))).toEqual(['l0', 'l4']);
    expect(names(await get('created_at=lt:2001-01-01T00:00:00Z'))).toEqual([]);
    expect(names(await get('os_hidden=true'))).toEqual([]);
    const seen: string[] = [];
    let path = '/v2/images?owner=lister&limit=2&sort=size:asc,name:desc';
    for (;;) {
      const page = (await http.get(path)).json;
      seen.push(...names(page));
      if (!page.next) break;
      path = page.next;
    }
    expect(seen).toEqual(['l3', 'l1', 'l0', 'l4', 'l2']);
  });

  test.each([
    'limit=-1',
    'limit=x',
    'marker=nothing',
    'sort_key=color',
    'sort_dir=up',
    'sort=name&sort_key=name',
    'status=fine',
    'visibility=none',
    'member_status=none',
    'created_at=lt:yesterday',
    'name=in:"a',
    'size_min=-4',
    'name=a%00b',
    'os_hidden=maybe',
  ])('refuses %s with 400', async (query) => {
    expect((await http.get(`/v2/images?${query}`)).status).toBe(400);
  });

  test('hides images of others, except public ones', async () => {
    const mine = await made({ name: 'private-one', visibility: 'private' });
    await made({ name: 'public-one', visibility: 'public' });
    await made({ name: 'community-one', visibility: 'community' });
    service.caller = testMember('stranger');
    const names = (await http.get('/v2/images?limit=1000')).json.images.map((image: { name: string }) => image.name);
    expect(names).toContain('public-one');
    expect(names).not.toContain('private-one');
    expect(names).not.toContain('community-one');
    expect((await http.get(`/v2/images/${mine.id}`)).status).toBe(404);
    expect(await images.find('private-one', service.caller)).toBeUndefined();
    expect((await images.find('community-one', service.caller))?.name).toBe('community-one');
  });
});

describe('discovery', () => {
  test('answers versions, schemas, import methods and stores', async () => {
    const root = await http.get('/');
    expect(root.status).toBe(300);
    expect(root.json.versions[0]).toMatchObject({ id: 'v2.16', status: 'CURRENT' });
    expect((await http.get('/versions')).status).toBe(200);
    expect((await http.get('/v2/schemas/image')).json.name).toBe('image');
    expect((await http.get('/v2/schemas/images')).json.properties.images.items.name).toBe('image');
    expect((await http.get('/v2/schemas/constructor')).status).toBe(404);
    expect((await http.get('/v2/info/import')).json['import-methods'].value).toEqual(['glance-direct', 'web-download']);
  });
});
