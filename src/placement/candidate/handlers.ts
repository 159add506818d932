// The routes of allocation candidates and of their explanation.
import { Readable } from 'node:stream';
import { commonErrors } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { explainCandidates } from '../explain/index.ts';
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

export function candidateHandlers({ database, follower, config }: Parts): Record<'list' | 'explain', Handler> {
  const findings = new Findings();
  return {
    async list(request) {
      acceptsJson(request);
      const query = parseCandidateQuery(request);
      const index = await follower.current();
      await refuseUnknown(database, index, query);
      const result = await searchCandidates(index, query, config, findings);
      const pieces = renderCandidates(index, result, request.context.microversion.minor);
      // A long answer is written while it is sent, so that it is never in memory as a whole.
      const body = result.candidates.length > 10_000 ? Readable.from(batched(pieces)) : Buffer.concat([...pieces]);
      return answer(request, body, { headers: warning(result) });
    },

    async explain(request) {
      acceptsJson(request);
      const query = parseCandidateQuery(request);
      const index = await follower.current();
      await refuseUnknown(database, index, query);
      return answer(request, Buffer.from(JSON.stringify(await explainCandidates(index, query))));
    },
  };
}

const batchBytes = 256 * 1024;

function* batched(pieces: Iterable<Buffer>): Generator<Buffer> {
  let batch: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    batch.push(piece);
    size += piece.length;
    if (size < batchBytes) continue;
    yield Buffer.concat(batch);
    batch = [];
    size = 0;
  }
  yield Buffer.concat(batch);
}

/** Throws 400 naming the resource class or the traits that do not exist. */
export async function refuseUnknown(database: Executor, index: ProviderIndex, query: CandidateQuery): Promise<void> {
  await refuseUnknownTraits(database, index, [...query.rootRequired, ...query.rootForbidden]);
  const classes = query.groups.flatMap((group) => [...group.resources.keys()]);
  const [unknownClass] = await unknownNames(database, 'placement_resource_classes', classes, index);
  if (unknownClass !== undefined) throw errors.UnknownClassInQuery(unknownClass);
  const traits = query.groups.flatMap((group) => [...group.required.flatMap((any) => [...any]), ...group.forbidden]);
  await refuseUnknownTraits(database, index, traits);
}

async function refuseUnknownTraits(database: Executor, index: ProviderIndex, traits: readonly string[]): Promise<void> {
  const unknown = await unknownNames(database, 'placement_traits', traits, index);
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
