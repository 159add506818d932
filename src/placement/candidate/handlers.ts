// The route of allocation candidates.
import { commonErrors } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { acceptsJson, answer } from '../http/index.ts';
import { unknownNames } from '../names.ts';
import type { Handler, Parts } from '../parts.ts';
import type { ProviderIndex } from '../provider-index/index.ts';
import type { Executor } from '../store.ts';
import { Findings } from './findings.ts';
import { parseCandidateQuery } from './parse.ts';
import type { CandidateQuery } from './query.ts';
import { renderCandidates } from './render.ts';
import { type SearchResult, searchCandidates } from './search.ts';

export function candidateHandlers({ database, follower, config }: Parts): Record<'list', Handler> {
  const findings = new Findings();
  return {
    async list(request) {
      acceptsJson(request);
      const query = parseCandidateQuery(request);
      const index = await follower.current();
      await refuseUnknown(database, index, query);
      const result = await searchCandidates(index, query, config, findings);
      const body = renderCandidates(index, result, request.context.microversion.minor);
      return answer(request, body, { headers: warning(result) });
    },
  };
}

/** Throws 400 naming the resource class or the traits that do not exist. */
export async function refuseUnknown(database: Executor, index: ProviderIndex, query: CandidateQuery): Promise<void> {
  const classes = query.groups.flatMap((group) => [...group.resources.keys()]);
  const [unknownClass] = await unknownNames(database, 'placement_resource_classes', classes, index);
  if (unknownClass !== undefined) throw errors.UnknownClassInQuery(unknownClass);
  const traits = query.groups.flatMap((group) => [...group.required.flatMap((any) => [...any]), ...group.forbidden]);
  const all = [...traits, ...query.rootRequired, ...query.rootForbidden];
  const unknown = await unknownNames(database, 'placement_traits', all, index);
  if (unknown.length > 0) throw commonErrors.BadRequest(errors.UnknownTrait(unknown.join(', ')).message);
}

/** Says that there are more candidates than were looked for (RFC 7234, "Warning", code 299). */
function warning({ cutBy, candidates }: SearchResult): Record<string, string> {
  if (!cutBy) return {};
  const bound = cutBy === 'candidates' ? 'max_candidates' : 'the search effort';
  return {
    warning: `299 placement "cut at ${candidates.length} allocation candidates by ${bound}; ask with limit, more traits or in_tree"`,
  };
}
