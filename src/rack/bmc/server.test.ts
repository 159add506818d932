// The BMC as a client sees it: every test is an HTTP conversation.
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { at, type TestBmc, testBmc } from '../testing/bmc-client.ts';
import { routes } from './routes.ts';

const opened: TestBmc[] = [];
async function open(options?: Parameters<typeof testBmc>[0]): Promise<TestBmc> {
  const bmc = await testBmc(options);
  opened.push(bmc);
  return bmc;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

const system = '/Systems/1';
const reset = (ResetType: string): [string, string, unknown] => [
  'POST',
  `${system}/Actions/ComputerSystem.Reset`,
  { ResetType },
];
const firstMessage = (body: unknown): unknown => at(body, 'error', '@Message.ExtendedInfo', 0, 'MessageId');

/** Every link in an answer. */
function linksOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(linksOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '@odata.id' && typeof inner === 'string' ? [inner.split('#')[0] ?? ''] : linksOf(inner),
  );
}

test('every link that starts at the service root leads to a resource with its own address', async () => {
  const { call } = await open();
  const seen = new Set<string>();
  const queue = ['/redfish/v1'];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { status, body } = await call('GET', path);
    expect([path, status]).toEqual([path, 200]);
    expect(at(body, '@odata.id')).toBe(path);
    expect(at(body, '@odata.type')).toMatch(/^#\w+\./);
    queue.push(...linksOf(body));
  }
  expect(seen.size).toBeGreaterThan(25);
});

test('answers the service root without credentials and nothing else', async () => {
  const { call } = await open();
  const openPaths = routes
    .filter((route) => route.access === 'open' && route.method === 'GET')
    .map((route) => route.path);
  expect(openPaths).toEqual(['/redfish', '/redfish/v1', '/redfish/v1/odata']);
  for (const route of routes) {
    if (route.access === 'open') continue;
    const { status, body, headers } = await call(route.method, route.path.replace(/\{\w+\}/g, '1'), undefined, {});
    expect([route.path, status]).toEqual([route.path, 401]);
    expect(firstMessage(body)).toBe('Base.1.8.NoValidSession');
    expect(headers['www-authenticate']).toContain('Basic');
  }
});

test.each([
  ['a wrong password', 'admin:wrong'],
  ['a wrong name', 'root:wrong'],
  ['no colon', 'admin'],
  ['nothing', ''],
])('refuses basic authentication with %s', async (_, text) => {
  const { call } = await open();
  const { status } = await call('GET', system, undefined, {
    authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });
  expect(status).toBe(401);
});

test('a session admits its token until it is deleted or unused for half an hour', async () => {
  const { call, bmc, pass } = await open();
  const { username, password } = bmc.spec.bmc;
  const login = await call('POST', '/SessionService/Sessions', { UserName: username, Password: password }, {});
  expect(login.status).toBe(201);
  const token = { 'x-auth-token': String(login.headers['x-auth-token']) };
  const location = login.headers.location ?? '';
  expect((await call('GET', system, undefined, token)).status).toBe(200);
  pass(29 * 60_000);
  expect((await call('GET', location, undefined, token)).status).toBe(200);
  pass(31 * 60_000);
  expect((await call('GET', system, undefined, token)).status).toBe(401);

  const again = await call('POST', '/SessionService/Sessions', { UserName: username, Password: password }, {});
  const other = { 'x-auth-token': String(again.headers['x-auth-token']) };
  expect((await call('DELETE', again.headers.location ?? '', undefined, other)).status).toBe(204);
  expect((await call('GET', system, undefined, other)).status).toBe(401);
  expect((await call('POST', '/SessionService/Sessions', { UserName: username, Password: 'no' }, {})).status).toBe(401);
});

test('a machine is PoweringOn until it is on, and an override for one boot is spent by that boot', async () => {
  const { call, settle } = await open({ held: true });
  const boot = { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' };
  expect((await call('PATCH', system, { Boot: boot })).status).toBe(200);
  const power = call(...reset('On'));
  await expect.poll(async () => at((await call('GET', system)).body, 'PowerState')).toBe('PoweringOn');
  expect(at((await call('GET', system)).body, 'Boot', 'BootSourceOverrideTarget')).toBe('Pxe');
  settle();
  expect((await power).status).toBe(204);
  await expect.poll(async () => at((await call('GET', system)).body, 'PowerState')).toBe('On');
  const { body } = await call('GET', system);
  expect(at(body, 'Boot', 'BootSourceOverrideEnabled')).toBe('Disabled');
  expect(at(body, 'Boot', 'BootSourceOverrideTarget')).toBe('None');
});

test('a continuous override stays through every reset', async () => {
  const { call, bmc } = await open();
  await call('PATCH', system, { Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Continuous' } });
  await call(...reset('On'));
  await call(...reset('ForceRestart'));
  expect(bmc.plan().order).toEqual(['network', 'disk']);
  await call('PATCH', system, { Boot: { BootSourceOverrideTarget: 'None' } });
  expect(bmc.plan().order).toEqual(['disk', 'network']);
});

test.each([
  ['On', 'Off', 'On'],
  ['ForceOff', 'On', 'Off'],
  ['GracefulShutdown', 'On', 'Off'],
  ['GracefulShutdown', 'Off', 'Off'],
  ['GracefulRestart', 'On', 'On'],
  ['ForceRestart', 'On', 'On'],
  ['PowerCycle', 'On', 'On'],
  ['PushPowerButton', 'Off', 'On'],
  ['Nmi', 'On', 'On'],
])('reset %s of a machine that is %s leaves it %s', async (type, before, after) => {
  const { call, bmc } = await open();
  if (before === 'On') await bmc.machine.powerOn();
  expect((await call(...reset(type))).status).toBe(204);
  await expect.poll(() => bmc.machine.power()).toBe(after);
});

test.each([
  ['PATCH', system, '{', 400, 'Base.1.8.MalformedJSON'],
  ['PATCH', system, '[]', 400, 'Base.1.8.MalformedJSON'],
  ['PATCH', system, {}, 400, 'Base.1.8.EmptyJSON'],
  ['PATCH', system, { Nonsense: 1 }, 400, 'Base.1.8.PropertyUnknown'],
  ['PATCH', system, { PowerState: 'On' }, 400, 'Base.1.8.PropertyNotWritable'],
  ['PATCH', system, { AssetTag: 7 }, 400, 'Base.1.8.PropertyValueTypeError'],
  ['PATCH', system, { AssetTag: 'x'.repeat(200) }, 400, 'Base.1.8.PropertyValueOutOfRange'],
  ['PATCH', system, { Boot: { BootSourceOverrideTarget: 'Tape' } }, 400, 'Base.1.8.PropertyValueNotInList'],
  ['PATCH', system, { Boot: { BootSourceOverrideTarget: 'UefiHttp' } }, 409, 'Base.1.8.ResourceCannotBeUsed'],
  ['PATCH', `${system}/Bios/Settings`, { Attributes: { Nonsense: 1 } }, 400, 'Base.1.8.PropertyUnknown'],
  [
    'PATCH',
    `${system}/Bios/Settings`,
    { Attributes: { ProcHyperthreading: 'Maybe' } },
    400,
    'Base.1.8.PropertyValueNotInList',
  ],
  [
    'PATCH',
    `${system}/Bios/Settings`,
    { Attributes: { NumaNodesPerSocket: 'two' } },
    400,
    'Base.1.8.PropertyValueTypeError',
  ],
  ['PATCH', `${system}/SecureBoot`, { SecureBootEnable: 'yes' }, 400, 'Base.1.8.PropertyValueTypeError'],
  ['POST', `${system}/Actions/ComputerSystem.Reset`, {}, 400, 'Base.1.8.ActionParameterMissing'],
  [
    'POST',
    `${system}/Actions/ComputerSystem.Reset`,
    { ResetType: 'Explode' },
    400,
    'Base.1.8.ActionParameterValueNotInList',
  ],
  [
    'POST',
    `${system}/Actions/ComputerSystem.Reset`,
    { ResetType: 'On', When: 1 },
    400,
    'Base.1.8.ActionParameterUnknown',
  ],
  ['POST', `${system}/Actions/ComputerSystem.Reset`, { ResetType: 'Nmi' }, 409, 'Base.1.8.ResourceCannotBeUsed'],
  [
    'POST',
    '/Managers/BMC/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia',
    { Image: 'ftp://x/y' },
    400,
    'Base.1.8.ActionParameterValueTypeError',
  ],
  [
    'POST',
    '/Managers/BMC/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia',
    { Image: 'http://127.0.0.1:1/x.iso' },
    400,
    'Base.1.8.ResourceAtUriInUnknownFormat',
  ],
  ['PATCH', '/Managers/BMC', { DateTime: '2026-13-01T00:00:00Z' }, 400, 'Base.1.8.PropertyValueFormatError'],
  ['PATCH', '/Managers/BMC', { DateTimeLocalOffset: 'CET' }, 400, 'Base.1.8.PropertyValueFormatError'],
  ['PATCH', '/Managers/BMC', { FirmwareVersion: '9' }, 400, 'Base.1.8.PropertyNotWritable'],
  ['DELETE', '/TaskService/Tasks/1', undefined, 404, 'Base.1.8.ResourceMissingAtURI'],
  ['GET', '/Systems/2', undefined, 404, 'Base.1.8.ResourceMissingAtURI'],
  ['GET', '/Systems/1/Storage/1/Drives/Disk9', undefined, 404, 'Base.1.8.ResourceMissingAtURI'],
  ['DELETE', system, undefined, 405, 'Base.1.8.OperationNotAllowed'],
  ['GET', '/Systems?$expand=*', undefined, 501, 'Base.1.8.QueryNotSupported'],
])('%s %s with %j answers %i %s and changes nothing', async (method, path, body, status, id) => {
  const { call, bmc } = await open();
  const before = bmc.state;
  const reply = await call(method, path, body);
  expect([reply.status, firstMessage(reply.body)]).toEqual([status, id]);
  expect(at(reply.body, 'error', 'code')).toBe(id);
  expect(bmc.state).toEqual(before);
});

test('names every fault of a request at once', async () => {
  const { call } = await open();
  const { body } = await call('PATCH', system, { AssetTag: 1, Boot: { BootSourceOverrideEnabled: 'Twice' } });
  expect(at(body, 'error', 'code')).toBe('Base.1.8.GeneralError');
  expect(at(body, 'error', '@Message.ExtendedInfo', 0, 'RelatedProperties')).toEqual(['#/AssetTag']);
  expect(at(body, 'error', '@Message.ExtendedInfo', 1, 'RelatedProperties')).toEqual([
    '#/Boot/BootSourceOverrideEnabled',
  ]);
});

test('a clock that was set goes on, in the local time of the offset', async () => {
  const { call, pass } = await open();
  const set = { DateTime: '2027-01-01T00:00:00Z', DateTimeLocalOffset: '+02:00' };
  expect(at((await call('PATCH', '/Managers/BMC', set)).body, 'DateTime')).toBe('2027-01-01T02:00:00+02:00');
  pass(90_000);
  expect(at((await call('GET', '/Managers/BMC')).body, 'DateTime')).toBe('2027-01-01T02:01:30+02:00');
});

test('a PATCH with the ETag of an older version is refused', async () => {
  const { call, bmc } = await open();
  const authorization = `Basic ${Buffer.from(`admin:${bmc.spec.bmc.password}`).toString('base64')}`;
  const etag = (await call('GET', system)).headers.etag ?? '';
  expect((await call('GET', system, undefined, { authorization, 'if-none-match': etag })).status).toBe(304);
  expect((await call('PATCH', system, { AssetTag: 'a' }, { authorization, 'if-match': etag })).status).toBe(200);
  const stale = await call('PATCH', system, { AssetTag: 'b' }, { authorization, 'if-match': etag });
  expect([stale.status, firstMessage(stale.body)]).toEqual([412, 'Base.1.8.PreconditionFailed']);
  expect(bmc.state.assetTag).toBe('a');
});

test('BIOS settings wait for the next boot', async () => {
  const { call } = await open();
  await call('PATCH', `${system}/Bios/Settings`, { Attributes: { ProcHyperthreading: 'Disabled', BootRetry: false } });
  expect(at((await call('GET', `${system}/Bios`)).body, 'Attributes', 'ProcHyperthreading')).toBe('Enabled');
  expect(at((await call('GET', `${system}/Bios/Settings`)).body, 'Attributes', 'ProcHyperthreading')).toBe('Disabled');
  await call(...reset('On'));
  expect(at((await call('GET', `${system}/Bios`)).body, 'Attributes', 'ProcHyperthreading')).toBe('Disabled');
  await call('POST', `${system}/Bios/Actions/Bios.ResetBios`, {});
  await call(...reset('ForceRestart'));
  expect(at((await call('GET', `${system}/Bios`)).body, 'Attributes', 'BootRetry')).toBe(true);
});

test('secure boot is in force from the next boot', async () => {
  const { call } = await open({ firmware: 'uefi' });
  await call('PATCH', `${system}/SecureBoot`, { SecureBootEnable: true });
  expect(at((await call('GET', `${system}/SecureBoot`)).body, 'SecureBootCurrentBoot')).toBe('Disabled');
  await call(...reset('On'));
  expect(at((await call('GET', `${system}/SecureBoot`)).body, 'SecureBootCurrentBoot')).toBe('Enabled');
});

test('virtual media is downloaded, offered as a boot device, and ejected', async () => {
  const files = createServer((request, response) => response.end(request.url === '/a.iso' ? 'the image' : ''));
  const port = await new Promise<number>((done) => {
    files.listen(0, '127.0.0.1', () => {
      const address = files.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  try {
    const { call, bmc } = await open();
    const drive = '/Managers/BMC/VirtualMedia/Cd';
    const image = `http://127.0.0.1:${port}/a.iso`;
    expect((await call('POST', `${drive}/Actions/VirtualMedia.InsertMedia`, { Image: image })).status).toBe(204);
    const { body } = await call('GET', drive);
    expect([at(body, 'Inserted'), at(body, 'Image'), at(body, 'ImageName')]).toEqual([true, image, 'a.iso']);
    await call('PATCH', system, { Boot: { BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once' } });
    expect(bmc.plan().order).toEqual(['cd', 'disk', 'network']);
    expect((await call('POST', `${drive}/Actions/VirtualMedia.InsertMedia`, { Image: image })).status).toBe(409);
    expect((await call('POST', `${drive}/Actions/VirtualMedia.EjectMedia`, {})).status).toBe(204);
    expect(at((await call('GET', drive)).body, 'Inserted')).toBe(false);
  } finally {
    await new Promise((done) => files.close(done));
  }
});

test('subscribers are told of power changes', async () => {
  const received: unknown[] = [];
  const listener = createServer((request, response) => {
    const parts: string[] = [];
    request.setEncoding('utf8').on('data', (text: string) => parts.push(text));
    request.on('end', () => {
      received.push(JSON.parse(parts.join('')));
      response.end();
    });
  });
  const port = await new Promise<number>((done) => {
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  try {
    const { call } = await open();
    const made = await call('POST', '/EventService/Subscriptions', {
      Destination: `http://127.0.0.1:${port}/`,
      Protocol: 'Redfish',
      Context: 'mine',
    });
    expect(made.status).toBe(201);
    await call(...reset('On'));
    await expect
      .poll(() => received.map((event) => at(event, 'Events', 0, 'MessageId')))
      .toContain('ResourceEvent.1.3.ResourcePoweredOn');
    expect(at(received[0], 'Context')).toBe('mine');
    expect((await call('DELETE', made.headers.location ?? '')).status).toBe(204);
    expect((await call('GET', made.headers.location ?? '')).status).toBe(404);
  } finally {
    listener.closeAllConnections();
    await new Promise((done) => listener.close(done));
  }
});

test('a dead BMC refuses connections until the fault is lifted', async () => {
  const { call, bmc, server } = await open();
  await bmc.setFaults({ 'bmc-dead': 'refuse' });
  await server.followFaults();
  await expect(call('GET', system)).rejects.toThrow('ECONNREFUSED');
  await bmc.setFaults({});
  await server.followFaults();
  expect((await call('GET', system)).status).toBe(200);
});

test('a hanging BMC takes a request, never answers it, and drops it when the fault is lifted', async () => {
  const { call, bmc, server } = await open();
  await bmc.setFaults({ 'bmc-dead': 'hang' });
  await server.followFaults();
  const unanswered = expect(call('GET', system)).rejects.toThrow('socket hang up');
  await expect.poll(() => server.unanswered).toBe(1);
  await bmc.setFaults({});
  await server.followFaults();
  await unanswered;
  expect((await call('GET', system)).status).toBe(200);
});

test('a failing disk is told by drive and system', async () => {
  const { call, bmc } = await open();
  await bmc.setFaults({ 'disk-failing': true });
  expect(at((await call('GET', `${system}/Storage/1/Drives/Disk1`)).body, 'Status', 'Health')).toBe('Critical');
  expect(at((await call('GET', system)).body, 'Status', 'Health')).toBe('Critical');
});

const mirror = (drives: readonly number[]) => ({
  Name: 'mirror',
  RAIDType: 'RAID1',
  Links: { Drives: drives.map((index) => ({ '@odata.id': `/redfish/v1${system}/Storage/1/Drives/Disk${index}` })) },
});

test('a volume is made by a task, and its monitor says when', async () => {
  const { call, settle } = await open({ held: true });
  const made = await call('POST', `${system}/Storage/1/Volumes`, mirror([0, 1]));
  expect(made.status).toBe(202);
  const monitor = String(made.headers.location);
  expect((await call('GET', monitor)).status).toBe(202);
  settle();
  await expect.poll(async () => (await call('GET', monitor)).status).toBe(200);
  expect((await call('GET', `${system}/Storage/1/Volumes/Array1`)).body).toMatchObject({
    Name: 'mirror',
    RAIDType: 'RAID1',
    CapacityBytes: 8 * 2 ** 30,
  });
});

test.each([
  ['a drive twice', mirror([0, 0]), 409],
  ['a drive that is not there', mirror([0, 7]), 409],
  ['too few drives', mirror([0]), 409],
  ['more than they hold', { ...mirror([0, 1]), CapacityBytes: 1e12 }, 409],
  ['an unknown level', { ...mirror([0, 1]), RAIDType: 'RAID7' }, 400],
])('refuses a volume of %s', async (_, body, status) => {
  const { call } = await open();
  expect((await call('POST', `${system}/Storage/1/Volumes`, body)).status).toBe(status);
});
