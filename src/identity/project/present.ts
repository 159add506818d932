// Projects and domains as the API shows them.
import { type Row, record } from '../collection/index.ts';

export function presentProject(row: Row, baseUrl: string) {
  return {
    ...record(row, 'extra'),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    parent_id: row.parent_id,
    is_domain: row.is_domain,
    description: row.description,
    enabled: row.enabled,
    tags: row.tags,
    options: row.options,
    links: { self: `${baseUrl}/v3/projects/${String(row.id)}` },
  };
}

export function presentDomain(row: Row, baseUrl: string) {
  return {
    ...record(row, 'extra'),
    id: row.id,
    name: row.name,
    description: row.description,
    enabled: row.enabled,
    tags: row.tags,
    options: row.options,
    links: { self: `${baseUrl}/v3/domains/${String(row.id)}` },
  };
}
