// `undercloud placement explain`: why a request finds no host, tree by tree.
import type { Command } from 'commander';
import type { ApiJson } from '../client/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface ExplainFlags extends SessionFlags {
  readonly resource: readonly string[];
  readonly required: readonly string[];
  readonly forbidden: readonly string[];
  readonly memberOf: readonly string[];
  readonly inTree?: string;
  readonly all?: boolean;
}

export function registerPlacementCommand(program: Command): void {
  const placement = program.command('placement').description('What machines offer and why a request finds none');
  const collect = (value: string, before: readonly string[]) => [...before, value];
  withSession(placement.command('explain [query]'))
    .description('Say for each provider tree whether it serves a request, or which rule excluded it first')
    .option('--resource <class=amount>', 'resource that is asked for; may be repeated', collect, [])
    .option('--required <trait>', 'trait that must be there; may be repeated', collect, [])
    .option('--forbidden <trait>', 'trait that must not be there; may be repeated', collect, [])
    .option('--member-of <aggregate>', 'aggregate that must hold the provider; may be repeated', collect, [])
    .option('--in-tree <provider>', 'only the tree of this provider')
    .option('--all', 'list every tree, not only the nearest misses')
    .addHelpText(
      'after',
      "\nQUERY is that of GET /allocation_candidates, for instance 'resources1=VCPU:2&required1=CUSTOM_FOO'.",
    )
    .action(async (query: string | undefined, flags: ExplainFlags) => {
      const { client, printer } = openSession(flags);
      const answer = await client.get('placement', `/explain?${query ?? queryOf(flags)}`);
      printer.data(answer);
      printer.line(`${answer.serving.length} of ${answer.trees} provider trees serve the request`);
      for (const [rule, count] of Object.entries(answer.excluded_by)) printer.line(`  ${count} excluded by ${rule}`);
      const shown: ApiJson[] = flags.all ? answer.excluded : answer.nearest;
      if (shown.length === 0) return;
      printer.line(flags.all ? 'excluded:' : 'nearest misses:');
      printer.table(
        ['provider', 'uuid', 'rule', 'group', 'reason'],
        shown.map((one) => [one.name, one.root_provider_uuid, one.rule, one.group ?? '', one.reason]),
      );
    });
}

function queryOf({ resource, required, forbidden, memberOf, inTree }: ExplainFlags): string {
  if (resource.length === 0)
    throw new UsageError('say what is asked for: --resource CUSTOM_BAREMETAL=1, or a query in quotes');
  const search = new URLSearchParams();
  search.set('resources', resource.map((pair) => pair.replace('=', ':')).join(','));
  const traits = [...required, ...forbidden.map((trait) => `!${trait}`)];
  if (traits.length > 0) search.set('required', traits.join(','));
  for (const aggregate of memberOf) search.append('member_of', aggregate);
  if (inTree !== undefined) search.set('in_tree', inTree);
  return search.toString();
}
