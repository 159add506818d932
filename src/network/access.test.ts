// Who may do what with the networks of a project: upstream's rules, persona by persona.
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { serve } from '../openstack/testing/index.ts';
import { type Access, cases, ownProject, type Persona, personas } from '../openstack/testing/personas.ts';
import { createNetwork } from './index.ts';

const { database, drop } = await testDatabase();
let persona: Persona = 'admin';
const http = await serve(createNetwork({ database }).api, { caller: () => personas[persona] });
afterAll(async () => {
  await http.close();
  await drop();
});

const network = { network: { name: 'n', project_id: ownProject } };
const port = { port: { network_id: 'NETWORK', project_id: ownProject } };

// Statuses:                                    admin manager member reader service outsider systemReader guest
const table: readonly Access[] = [
  ['POST', '/v2.0/networks', network, '201 201 201 403 403 403 403 403'],
  ['POST', '/v2.0/networks', { network: { ...network.network, shared: true } }, '201 403 403 403 403 403 403 403'],
  [
    'POST',
    '/v2.0/networks',
    { network: { ...network.network, 'provider:network_type': 'flat', 'provider:physical_network': 'rack' } },
    '201 403 403 403 403 403 403 403',
  ],
  ['GET', '/v2.0/networks/NETWORK', undefined, '200 200 200 200 200 404 404 404'],
  ['GET', '/v2.0/networks/SHARED', undefined, '200 200 200 200 200 200 200 200'],
  ['PUT', '/v2.0/networks/NETWORK', { network: { name: 'x' } }, '200 200 200 403 403 404 404 404'],
  ['PUT', '/v2.0/networks/NETWORK', { network: { shared: true } }, '200 403 403 403 403 404 404 404'],
  ['PUT', '/v2.0/networks/SHARED', { network: { name: 'x' } }, '200 403 403 403 403 403 403 403'],
  ['DELETE', '/v2.0/networks/NETWORK', undefined, '204 204 204 403 403 404 404 404'],
  ['DELETE', '/v2.0/networks/SHARED', undefined, '204 403 403 403 403 403 403 403'],
  [
    'POST',
    '/v2.0/subnets',
    { subnet: { network_id: 'NETWORK', ip_version: 4, cidr: '10.77.0.0/24', project_id: ownProject } },
    '201 201 201 403 403 403 403 403',
  ],
  ['GET', '/v2.0/subnets/SUBNET', undefined, '200 200 200 200 200 404 404 404'],
  ['PUT', '/v2.0/subnets/SUBNET', { subnet: { name: 'x' } }, '200 200 200 403 403 404 404 404'],
  ['DELETE', '/v2.0/subnets/SUBNET', undefined, '204 204 204 403 403 404 404 404'],
  ['POST', '/v2.0/ports', port, '201 201 201 403 201 403 403 403'],
  ['POST', '/v2.0/ports', { port: { ...port.port, 'binding:host_id': 'h' } }, '201 403 403 403 201 403 403 403'],
  [
    'POST',
    '/v2.0/ports',
    { port: { ...port.port, mac_address: '52:54:00:aa:bb:cc' } },
    '201 201 201 403 201 403 403 403',
  ],
  ['GET', '/v2.0/ports/PORT', undefined, '200 200 200 200 200 404 404 404'],
  ['PUT', '/v2.0/ports/PORT', { port: { name: 'x' } }, '200 200 200 403 200 404 404 404'],
  ['PUT', '/v2.0/ports/PORT', { port: { 'binding:host_id': 'h' } }, '200 403 403 403 200 404 404 404'],
  ['DELETE', '/v2.0/ports/PORT', undefined, '204 204 204 403 204 404 404 404'],
  [
    'POST',
    '/v2.0/subnetpools',
    { subnetpool: { name: 's', prefixes: ['10.0.0.0/8'], project_id: ownProject } },
    '201 201 201 403 403 403 403 403',
  ],
  [
    'POST',
    '/v2.0/segments',
    { segment: { network_id: 'NETWORK', network_type: 'flat', physical_network: 'r9' } },
    '201 403 403 403 403 403 403 403',
  ],
  ['GET', '/v2.0/network-ip-availabilities/NETWORK', undefined, '200 404 404 404 404 404 404 404'],
  ['POST', '/v2.0/trunks', { trunk: { port_id: 'PORT', project_id: ownProject } }, '201 201 201 403 403 403 403 403'],
];

/** A project's network with all that lies on it, made anew for each case. */
async function stage(): Promise<Record<string, string>> {
  persona = 'admin';
  const make = async (path: string, body: Record<string, object>): Promise<string> => {
    const answer = await http.post(`/v2.0/${path}`, body);
    expect(answer.status, answer.text).toBe(201);
    return answer.json[Object.keys(body)[0] ?? ''].id;
  };
  const ids: Record<string, string> = { NETWORK: await make('networks', network) };
  ids.SHARED = await make('networks', { network: { ...network.network, project_id: 'third', shared: true } });
  ids.SUBNET = await make('subnets', {
    subnet: { network_id: ids.NETWORK, ip_version: 4, cidr: '10.1.0.0/24', project_id: ownProject },
  });
  ids.PORT = await make('ports', { port: { network_id: ids.NETWORK, project_id: ownProject, fixed_ips: [] } });
  return ids;
}

test.each(cases(table))(
  '$persona: $method $path $body is $expected',
  async ({ persona: who, method, path, body, expected }) => {
    const ids = await stage();
    const filled = (text: string) => text.replace(/NETWORK|SHARED|SUBNET|PORT/g, (name) => ids[name] ?? name);
    // What stands on a network keeps it from being deleted.
    if (method === 'DELETE' && /SUBNET|NETWORK/.test(path)) await http.delete(`/v2.0/ports/${ids.PORT}`);
    if (method === 'DELETE' && /NETWORK/.test(path)) await http.delete(`/v2.0/subnets/${ids.SUBNET}`);
    persona = who;
    const answer = await http.request(method, filled(path), {
      ...(body === undefined
        ? {}
        : { body: filled(JSON.stringify(body)), headers: { 'content-type': 'application/json' } }),
    });
    persona = 'admin';
    expect(answer.status, answer.text).toBe(expected);
    for (const kind of ['trunks', 'ports', 'subnets', 'networks'])
      for (const { id } of (await http.get(`/v2.0/${kind}?fields=id`)).json[kind])
        await http.delete(`/v2.0/${kind}/${id}`);
  },
);
