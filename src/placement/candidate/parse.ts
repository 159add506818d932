// Reads a request for allocation candidates from its query string.
import { type ApiRequest, commonErrors, isUuidLike } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { checkQuery, since } from '../http/index.ts';
import { parseAggregates, parseResources, parseTraits, readTraits, type TraitFilter } from '../provider/query.ts';
import * as schemas from '../schemas.ts';
import type { CandidateQuery, RequestGroup } from './query.ts';

/** Throws 400 for whatever is malformed or contradicts itself. Whether classes and traits exist is not checked. */
export function parseCandidateQuery(request: ApiRequest): CandidateQuery {
  const query = checkQuery(request, schemas.schemaAt(schemas.candidates, request.context.microversion.minor));
  const roots = rootTraits(request);
  const sameSubtrees = request.search.getAll('same_subtree').map(readSuffixes);
  const groups = readGroups(request);
  if (since(request, 36)) checkResourceless(groups, sameSubtrees);
  else checkOrphans(groups);
  if (since(request, 22)) checkConflicts(groups);
  const suffixed = [...groups.keys()].filter((suffix) => suffix !== '');
  if (query.group_policy === undefined && suffixed.length > 1)
    throw commonErrors.BadRequest(
      'The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.',
    );
  const limit = request.search.get('limit');
  return {
    groups: [...groups.values()],
    groupPolicy: request.search.get('group_policy') === 'isolate' ? 'isolate' : 'none',
    rootRequired: new Set(roots.required.flatMap((any) => [...any])),
    rootForbidden: roots.forbidden,
    sameSubtrees,
    ...(limit === null ? {} : { limit: Number(limit) }),
    nested: since(request, 29),
  };
}

function rootTraits(request: ApiRequest): TraitFilter {
  const filter: TraitFilter = { required: [], forbidden: new Set() };
  const values = request.search.getAll('root_required');
  if (values.length > 1)
    throw errors.BadQuery(
      "Query parameter 'root_required' may be specified only once.",
      'placement.query.duplicate_key',
    );
  for (const value of values) readTraits(value, true, false, filter);
  const conflicts = filter.required.flatMap((any) => [...any]).filter((name) => filter.forbidden.has(name));
  if (conflicts.length > 0)
    throw errors.BadQuery(
      `Conflicting required and forbidden traits found in root_required: ${conflicts.join(', ')}`,
      'placement.query.bad_value',
    );
  return filter;
}

function readSuffixes(value: string): Set<string> {
  const suffixes = new Set(value.split(',').map((suffix) => suffix.trim()));
  if (suffixes.has(''))
    throw errors.BadQuery(
      'Empty string (unsuffixed group) can not be specified in `same_subtree` ',
      'placement.query.bad_value',
    );
  return suffixes;
}

function readGroups(request: ApiRequest): Map<string, RequestGroup> {
  const pattern = since(request, 33)
    ? /^(resources|required|member_of|in_tree)([a-zA-Z0-9_-]{1,64})?$/
    : /^(resources|required|member_of|in_tree)([1-9][0-9]*)?$/;
  const suffixes = new Set<string>();
  for (const key of request.search.keys()) {
    const match = pattern.exec(key);
    if (match) suffixes.add(match[2] ?? '');
  }
  const groups = new Map<string, RequestGroup>();
  for (const suffix of suffixes) {
    const resources = request.search.getAll(`resources${suffix}`).at(-1);
    const inTree = request.search.getAll(`in_tree${suffix}`).at(-1)?.trim();
    if (inTree !== undefined && !isUuidLike(inTree))
      throw commonErrors.BadRequest(
        `Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid. Got: ${inTree}`,
      );
    groups.set(suffix, {
      suffix,
      resources: resources === undefined ? new Map() : parseResources(resources),
      ...parseTraits(request, suffix),
      ...parseAggregates(request, suffix),
      ...(inTree === undefined ? {} : { inTree }),
    });
  }
  return groups;
}

/** From 1.36 on a group may ask for no resources if `same_subtree` ties it to others. */
function checkResourceless(groups: ReadonlyMap<string, RequestGroup>, sameSubtrees: readonly ReadonlySet<string>[]) {
  const resourceless = [...groups.values()].filter((group) => group.resources.size === 0).map((group) => group.suffix);
  const tied = new Set(sameSubtrees.flatMap((suffixes) => [...suffixes]));
  if (resourceless.length === groups.size)
    throw errors.BadQuery(
      'There must be at least one resources or resources[$S] parameter.',
      'placement.query.missing_value',
    );
  const loose = resourceless.filter((suffix) => !tied.has(suffix));
  if (loose.length > 0)
    throw errors.BadQuery(
      `Resourceless suffixed group request should be specified in \`same_subtree\` query param: bad group(s) - ${list(loose)}.`,
      'placement.query.bad_value',
    );
  const unreal = [...tied].filter((suffix) => !groups.has(suffix));
  if (unreal.length > 0)
    throw errors.BadQuery(
      `Real suffixes should be specified in \`same_subtree\`: ${list(unreal)} not found in ${list([...groups.keys()])}.`,
      'placement.query.bad_value',
    );
}

function checkOrphans(groups: ReadonlyMap<string, RequestGroup>): void {
  const empty = [...groups.values()].filter((group) => group.resources.size === 0);
  const traits = empty.filter((group) => group.required.length > 0).map((group) => `required${group.suffix}`);
  if (traits.length > 0)
    throw commonErrors.BadRequest(
      `All traits parameters must be associated with resources.  Found the following orphaned traits keys: ${traits.join(', ')}`,
    );
  const aggregates = empty
    .filter((group) => group.memberOf.length > 0 || group.notMemberOf.size > 0)
    .map((group) => `member_of${group.suffix}`);
  if (aggregates.length > 0)
    throw commonErrors.BadRequest(
      `All member_of parameters must be associated with resources. Found the following orphaned member_of keys: ${aggregates.join(', ')}`,
    );
  if (empty.length > 0) throw commonErrors.BadRequest('All request groups must specify resources.');
  if (groups.size === 0)
    throw commonErrors.BadRequest('At least one request group (`resources` or `resources{$S}`) is required.');
}

function checkConflicts(groups: ReadonlyMap<string, RequestGroup>): void {
  const conflicts: string[] = [];
  for (const group of groups.values())
    for (const any of group.required)
      if ([...any].every((name) => group.forbidden.has(name)))
        conflicts.push(`required${group.suffix}: (${[...any].sort().join(', ')})`);
  if (conflicts.length > 0)
    throw commonErrors.BadRequest(
      `Conflicting required and forbidden traits found in the following traits keys: ${conflicts.sort().join(', ')}`,
    );
}

function list(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
