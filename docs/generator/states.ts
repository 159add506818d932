// Provision states and verbs, with the diagram, from the table that the code runs on.
import { isProvisionState, legalVerbs, provisionStates, transitions, verbs } from '../../src/baremetal/node/states.ts';
import { code, type Page, page, table } from './markdown.ts';

export function statesPage(): Page {
  return page(
    'provision-states.md',
    'Provision states of a node',
    'A node rests in a stable or a failed state until somebody asks for something. It is worked on in a working state. In a waiting state the machine or a person must answer; past its deadline the node fails by itself, so time alone leads out of it.',
    table(
      ['State', 'Kind', 'Meaning', 'Verbs'],
      provisionStates.map(({ name, kind, meaning }) => [
        code(name),
        kind,
        meaning,
        isProvisionState(name) ? legalVerbs(name).map(code).join(' ') : '',
      ]),
    ),
    '## Verbs',
    'The `target` of `PUT /v1/nodes/{node}/states/provision`. A verb that is not legal in the state of the node is refused with 400.',
    table(
      ['Verb', 'Same as', 'Since'],
      Object.entries(verbs).map(([name, { verb, since }]) => [
        code(name),
        name === verb ? '' : code(verb),
        since ?? '',
      ]),
    ),
    '## Moves',
    'Labels in capitals are verbs; the others are outcomes of the work.',
    diagram(),
  );
}

function diagram(): string {
  const lines = transitions.flatMap(({ from, on, to }) =>
    from.map((state) => `  ${id(state)} --> ${id(to)}: ${Object.hasOwn(verbs, on) ? on.toUpperCase() : on}`),
  );
  const names = provisionStates.map(({ name }) => `  state "${name}" as ${id(name)}`);
  return ['```mermaid', 'stateDiagram-v2', ...names, ...lines, '```'].join('\n');
}

function id(state: string): string {
  return state.replaceAll(/[ -]/g, '_');
}
