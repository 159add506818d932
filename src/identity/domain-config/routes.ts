// Configuration kept per domain: /v3/domains/{id}/config. It is stored for clients; users of all domains stay in this service's database.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import type { Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all, defaultDomainId, projectById } from '../store.ts';
import { domainOptions } from './options.data.ts';

type Config = Record<string, Record<string, unknown>>;

const compliance = 'security_compliance';
const levels = ['', '/:group', '/:group/:option'] as const;

export function domainConfigRoutes(parts: Parts): Route[] {
  const body = Type.Object({ config: Type.Object({}, { additionalProperties: true }) });
  return [
    ...levels.map((level) =>
      route({
        method: 'GET',
        path: `/v3/domains/config${level}/default`,
        policy: 'identity:get_domain_config_default',
        summary: 'Show the default of domain options',
        handler: ({ params }) => json({ config: narrowed(defaults(), params) }),
      }),
    ),
    ...levels.flatMap((level) => {
      const path = `/v3/domains/:domain/config${level}`;
      return [
        route({
          method: 'GET',
          path,
          policy: 'identity:get_domain_config',
          enforcement: 'handler',
          summary: 'Show options of a domain',
          handler: async (request) => {
            const { domain = '', group } = request.params;
            if (group === compliance) return json({ config: complianceOf(parts, request) });
            request.enforce('identity:get_domain_config');
            return json({ config: narrowed(await read(parts, domain, false), request.params) });
          },
        }),
        route({
          method: 'PATCH',
          path,
          policy: 'identity:update_domain_config',
          summary: 'Change options of a domain',
          body,
          handler: async (request) => {
            const given = parse(request, level);
            const { domain = '', group } = request.params;
            const before = await read(parts, domain, true);
            if (group !== undefined) narrowed(before, request.params);
            await write(parts, domain, given);
            return json({ config: await read(parts, domain, false) });
          },
        }),
        route({
          method: 'DELETE',
          path,
          policy: 'identity:delete_domain_config',
          summary: 'Remove options of a domain',
          handler: async ({ params }) => {
            const { domain = '', group = null, option = null } = params;
            narrowed(await read(parts, domain, true), params);
            await sql`delete from identity_domain_options where domain_id = ${domain} and (${group}::text is null or option_group = ${group})
              and (${option}::text is null or option = ${option})`.execute(parts.database);
            return empty();
          },
        }),
      ];
    }),
    route({
      method: 'PUT',
      path: '/v3/domains/:domain/config',
      policy: 'identity:create_domain_config',
      summary: 'Set the options of a domain',
      body,
      handler: async (request) => {
        const { domain = '' } = request.params;
        const given = parse(request, '');
        const existed = (await rowsOf(parts, domain)).length > 0;
        await sql`delete from identity_domain_options where domain_id = ${domain}`.execute(parts.database);
        await write(parts, domain, given);
        return json({ config: await read(parts, domain, false) }, existed ? 200 : 201);
      },
    }),
  ];
}

/** What passwords must be like, for clients that ask before they set one. Everybody may; nothing else of the group is shown. */
function complianceOf({ passwordRules }: Parts, { params, enforce }: ApiRequest): unknown {
  enforce('identity:get_security_compliance_domain_config');
  const { domain, option } = params;
  if (domain !== defaultDomainId) throw errors.Denied('The rules for passwords are those of the default domain.');
  const shown: Row = {
    password_regex: passwordRules.pattern?.source ?? null,
    password_regex_description: passwordRules.patternDescription ?? null,
  };
  if (option === undefined) return { [compliance]: shown };
  if (!Object.hasOwn(shown, option)) throw errors.Denied(`The option ${option} of ${compliance} is not shown.`);
  return { [option]: shown[option] };
}

function defaults(): Config {
  return Object.fromEntries(
    Object.entries(domainOptions).map(([group, options]) => [
      group,
      Object.fromEntries(Object.entries(options).map(([name, { preset }]) => [name, preset])),
    ]),
  );
}

/** The part of a configuration that the path names. Throws NotFound when it is not there. */
function narrowed(config: Config, { group, option }: Readonly<Record<string, string>>): unknown {
  if (group === undefined) return config;
  const options = config[group];
  if (!options) throw errors.NotFound('domain config group', group);
  if (option === undefined) return { [group]: options };
  if (!Object.hasOwn(options, option)) throw errors.NotFound('domain config option', `${group}.${option}`);
  return { [option]: options[option] };
}

/** The options of a body, which is shaped as deep as its path is short. Throws for options that there are none. */
function parse(request: ApiRequest<unknown, { config: object }>, level: (typeof levels)[number]): Config {
  const { group, option } = request.params;
  const given: Row = { ...request.body.config };
  const config: Config = {};
  if (level === '/:group/:option' && group !== undefined && option !== undefined) {
    if (!Object.hasOwn(given, option)) throw errors.Invalid(`The body holds no option ${option}.`);
    config[group] = { [option]: given[option] };
  } else {
    if (group !== undefined && !Object.hasOwn(given, group)) throw errors.Invalid(`The body holds no group ${group}.`);
    for (const [name, options] of Object.entries(given)) config[name] = { ...Object(options) };
  }
  if (Object.keys(config).length === 0) throw errors.Invalid('The configuration is empty.');
  for (const [name, options] of Object.entries(config)) {
    const known = Object.hasOwn(domainOptions, name) ? domainOptions[name] : undefined;
    if (!known) throw errors.Denied(`There is no group ${name} in a domain's configuration.`);
    const unknown = Object.keys(options).find((one) => !Object.hasOwn(known, one));
    if (unknown !== undefined)
      throw errors.Denied(`There is no option ${unknown} in group ${name} of a domain's configuration.`);
  }
  return config;
}

/** The row that a sealed option belongs to. */
export function optionRow(domainId: string, group: string, option: string): string {
  return `identity_domain_options:${domainId}:${group}.${option}`;
}

async function mustBeDomain({ database }: Parts, id: string): Promise<void> {
  if (!(await projectById(database, id))?.is_domain) throw errors.NotFound('domain', id);
}

async function rowsOf(parts: Parts, domainId: string) {
  await mustBeDomain(parts, domainId);
  return all(
    parts.database,
    sql<{
      option_group: string;
      option: string;
      value: unknown;
    }>`select option_group, option, value from identity_domain_options
      where domain_id = ${domainId} order by option_group, option`,
  );
}

async function read(parts: Parts, domainId: string, withSecrets: boolean): Promise<Config> {
  const rows = await rowsOf(parts, domainId);
  if (rows.length === 0) throw errors.NotFound('domain configuration', domainId);
  const config: Config = {};
  for (const { option_group: group, option, value } of rows) {
    const options = config[group] ?? {};
    config[group] = options;
    if (withSecrets || domainOptions[group]?.[option]?.secret !== true) options[option] = value;
  }
  return config;
}

async function write(parts: Parts, domainId: string, config: Config): Promise<void> {
  await mustBeDomain(parts, domainId);
  for (const [group, options] of Object.entries(config))
    for (const [option, value] of Object.entries(options)) {
      const secret = domainOptions[group]?.[option]?.secret === true;
      const kept = secret
        ? parts.seal.seal(JSON.stringify(value), optionRow(domainId, group, option)).toString('base64')
        : value;
      await sql`insert into identity_domain_options (domain_id, option_group, option, value) values (${domainId}, ${group}, ${option}, ${JSON.stringify(kept)}::jsonb)
        on conflict (domain_id, option_group, option) do update set value = excluded.value`.execute(parts.database);
    }
}
