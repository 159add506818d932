// What inspection can derive, from the table of its hooks.
import { hooks, usualHooks } from '../../src/baremetal/inspection-hook/hooks.ts';
import { code, type Page, page, table } from './markdown.ts';

export function inspectionHooksPage(): Page {
  return page(
    'inspection-hooks.md',
    'Inspection hooks',
    'What is found in a machine goes through these hooks, then through the [inspection rules](../how-to/write-inspection-rules.md). `inspection.hooks` of the [configuration](configuration.md) says which run, in which order; a name that is not there, or a hook without one that it needs before it, is refused at start. The order of those that run by default is the order of this table.',
    table(
      ['Hook', 'By default', 'Needs', 'What it derives'],
      hooks.map(({ name, needs = [], summary }) => [
        code(name),
        usualHooks.includes(name) ? 'yes' : '',
        needs.map(code).join(', '),
        summary,
      ]),
    ),
  );
}
