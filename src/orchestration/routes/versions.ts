// Version discovery, build information and the engines of orchestration.
import { hostname } from 'node:os';
import { json, type Route, route } from '../../openstack/index.ts';

export function versionRoutes(): Route[] {
  const versions = route({
    method: 'GET',
    path: '/',
    policy: null,
    summary: 'Lists the versions of the API',
    handler: ({ context }) =>
      json(
        { versions: [{ id: 'v1.0', status: 'CURRENT', links: [{ rel: 'self', href: `${context.baseUrl}/v1/` }] }] },
        300,
      ),
  });
  return [
    versions,
    route({
      method: 'GET',
      path: '/v1/:tenant/build_info',
      policy: 'build_info:build_info',
      summary: 'Shows the build',
      handler: () => json({ api: { revision: 'unknown' }, engine: { revision: 'unknown' } }),
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/services',
      policy: 'service:index',
      summary: 'Lists the engines',
      handler: () => {
        const now = new Date().toISOString().replace('Z', '');
        return json({
          services: [
            {
              id: hostname(),
              binary: 'heat-engine',
              engine_id: `${hostname()}-${process.pid}`,
              host: hostname(),
              hostname: hostname(),
              topic: 'engine',
              report_interval: 60,
              status: 'up',
              created_at: now,
              updated_at: now,
              deleted_at: null,
            },
          ],
        });
      },
    }),
  ];
}
