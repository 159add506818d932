// Writes the reference page of provision states from the table of states.
import { provisionStates, transitions, verbs } from './states.ts';

const outcomes = new Set(['done', 'cleaned', 'fail', 'wait', 'resume', 'hold']);
const isVerb = (from: string, on: string) => !outcomes.has(on) && !(on === 'clean' && from === 'deleting');

/** Markdown: what each state means, which verb leads where, and a diagram (Mermaid) of what people may ask for. */
export function provisionStatesPage(): string {
  const moves = transitions.flatMap(({ from, on, to, target }) =>
    from.map((state) => ({ from: state, on, to, target })),
  );
  const asked = moves.filter(({ from, on }) => isVerb(from, on));
  return [
    '# Provision states',
    '',
    'Made from `src/baremetal/node/states.ts`; change that, then run `UPDATE_DOCS=1 npx vitest run --project unit src/baremetal/node/reference.test.ts`.',
    '',
    '## States',
    '',
    '| state | kind | meaning |',
    '|---|---|---|',
    ...provisionStates.map(({ name, kind, meaning }) => `| \`${name}\` | ${kind} | ${meaning} |`),
    '',
    'A *working* or *waiting* state has an operation behind it (`undercloud status`), with a reason and a deadline: past it the state fails by itself.',
    '',
    '## Verbs',
    '',
    '`openstack baremetal node VERB NODE`, or `PUT /v1/nodes/{node}/states/provision` with `{"target": VERB}`. A verb that is not listed for a state is refused with 400; a node that is being worked on answers 409.',
    '',
    '| verb | from | to | then |',
    '|---|---|---|---|',
    ...asked.map(
      ({ from, on, to, target }) => `| \`${on}\` | \`${from}\` | \`${to}\` | ${target ? `\`${target}\`` : ''} |`,
    ),
    '',
    `Verbs that came with a microversion: ${Object.entries(verbs)
      .flatMap(([name, { since }]) => (since === undefined ? [] : `\`${name}\` ${since}`))
      .join(', ')}.`,
    '',
    '## Outcomes',
    '',
    '| state | outcome | to |',
    '|---|---|---|',
    ...moves
      .filter(({ from, on }) => !isVerb(from, on))
      .map(({ from, on, to }) => `| \`${from}\` | ${on} | \`${to}\` |`),
    '',
    '## Diagram',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...provisionStates.map(({ name }) => `  state "${name}" as ${identifier(name)}`),
    ...moves
      .filter(({ on }) => on !== 'resume' && on !== 'wait')
      .map(({ from, on, to }) => `  ${identifier(from)} --> ${identifier(to)}: ${on}`),
    '```',
    '',
  ].join('\n');
}

function identifier(state: string): string {
  return state.replace(/[^a-z]/g, '_');
}
