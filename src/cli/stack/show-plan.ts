// A plan in words: what changes, why, and on which machines.
import type { ApiJson } from '../client/index.ts';
import type { Printer } from '../print/index.ts';

const signs: Readonly<Record<string, string>> = {
  create: '+',
  update: '~',
  replace: '-/+',
  delete: '-',
  'decided-later': '?',
  unchanged: ' ',
};
const words: Readonly<Record<string, string>> = {
  create: 'create',
  update: 'update in place',
  replace: 'replace',
  delete: 'delete',
  'decided-later': 'decided when its values are known',
  unchanged: 'unchanged',
};

export function showPlan(plan: ApiJson, printer: Printer): void {
  const changes = plan.changes.filter((change: ApiJson) => change.action !== 'unchanged');
  printer.line(plan.stack_id ? `stack ${plan.stack_name}: changes to what is there` : `stack ${plan.stack_name}: new`);
  for (const change of changes) {
    printer.line(
      `  ${(signs[change.action] ?? '?').padEnd(3)} ${change.path}  (${change.type})${change.because ? `: ${change.because}` : ''}`,
    );
    for (const property of change.properties)
      printer.line(`        ${property.name}: ${shown(property.before)} -> ${shown(property.after)}`);
  }
  for (const group of plan.machines) {
    const some = group.machines.slice(0, 8).join(', ');
    const more = group.machines.length > 8 ? `, and ${group.machines.length - 8} more` : '';
    printer.line(
      `  machines for ${group.servers.join(', ')}: ${group.machines.length === 0 ? 'none fits' : `${some}${more}`}`,
    );
    if (group.shortage) {
      printer.line(`    not enough: ${group.shortage}`);
      for (const { name, reason } of group.passedOver.slice(0, 10)) printer.line(`      ${name}: ${reason}`);
    }
  }
  const counts = Object.entries(plan.counts).map(([action, count]) => `${count} ${words[action] ?? action}`);
  printer.line(changes.length === 0 ? 'nothing to do' : counts.join(', '));
}

function shown(value: unknown): string {
  if (value === undefined) return 'known when it is there';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
