// Says why a node is where it is: what that means, what is waited for and until when, what went wrong, what one can do.
import type { Operation } from '../../operations/index.ts';
import type { KeptExchange, NodeRow } from '../store.ts';
import { legalVerbs, meaningOf, type Verb } from './states.ts';

export interface Why {
  readonly uuid: string;
  readonly name: string | null;
  readonly provision_state: string;
  readonly meaning: string;
  readonly target_provision_state: string | null;
  /** The step that runs now, such as `clean deploy.erase_devices`. */
  readonly step: string | null;
  readonly operation: { readonly id: string; readonly kind: string; readonly state: string } | null;
  readonly waiting_for: string | null;
  /** ISO 8601; past it the node goes on by itself, into a failed state if need be. */
  readonly until: string | null;
  /** The last call that the BMC refused or left unanswered in that operation, unless the problems tell of it. */
  readonly bmc: string | null;
  readonly problems: readonly string[];
  readonly can: readonly { readonly verb: string; readonly effect: string }[];
}

const effects: Readonly<Record<Verb, string>> = {
  active: 'put an image on it',
  rebuild: 'put its image on it anew; its state partition is kept',
  deleted: 'take its instance off and clean it',
  manage: 'take it out of use, or try its credentials',
  provide: 'clean it and offer it for use',
  inspect: 'look at its hardware',
  abort: 'end what goes on, or what failed',
  clean: 'run clean steps',
  adopt: 'take over a machine that is in use already',
  rescue: 'start the rescue ramdisk',
  unrescue: 'start its instance again',
  service: 'run steps while its instance is kept',
  unhold: 'let it go on',
};

/** `operation`: the one that has the node, or had it last; `calls`: what it said to the BMC. */
export function whyOf(node: NodeRow, operation: Operation | undefined, calls: readonly KeptExchange[] = []): Why {
  const open = operation !== undefined && ['queued', 'running', 'waiting'].includes(operation.state);
  const deadline = node.state_deadline_at ?? (open ? operation.deadlineAt : null);
  const problems = problemsOf(node, operation);
  const verbs = node.reservation === null ? legalVerbs(node.provision_state) : [];
  return {
    uuid: node.uuid,
    name: node.name,
    provision_state: node.provision_state,
    meaning: meaningOf(node.provision_state),
    target_provision_state: node.target_provision_state,
    step: stepOf(node),
    operation: operation ? { id: operation.id, kind: operation.kind, state: operation.state } : null,
    waiting_for: open ? operation.reason : null,
    until: deadline === null ? null : deadline.toISOString(),
    bmc: refusalOf(calls, problems),
    problems,
    can: verbs.flatMap((verb) => (isVerb(verb) ? [{ verb, effect: effects[verb] }] : [])),
  };
}

function isVerb(text: string): text is Verb {
  return Object.hasOwn(effects, text);
}

function refusalOf(calls: readonly KeptExchange[], problems: readonly string[]): string | null {
  const refused = calls.findLast(({ said }) => said !== null);
  if (!refused) return null;
  const { at, method, path, status, times, said } = refused;
  if (problems.some((problem) => problem.includes(said ?? ''))) return null;
  const answer = status === null ? 'no answer' : String(status);
  return `${at} ${method} ${path}: ${answer}${times > 1 ? ` (${times} times)` : ''}: ${said}`;
}

function stepOf(node: NodeRow): string | null {
  const running = [
    ['clean', node.clean_step],
    ['deploy', node.deploy_step],
    ['service', node.service_step],
  ] as const;
  const found = running.find(([, step]) => typeof step.step === 'string');
  return found ? `${found[0]} ${String(found[1].interface)}.${String(found[1].step)}` : null;
}

function problemsOf(node: NodeRow, operation: Operation | undefined): string[] {
  return [
    ...(node.maintenance ? [`It is in maintenance: ${node.maintenance_reason ?? 'no reason given'}.`] : []),
    ...(node.fault === null ? [] : [`It has the fault "${node.fault}".`]),
    ...(node.last_error === null ? [] : [node.last_error]),
    ...(node.protected ? [`It is protected: ${node.protected_reason ?? 'no reason given'}.`] : []),
    ...(node.retired ? [`It is to be retired: ${node.retired_reason ?? 'no reason given'}.`] : []),
    ...(operation?.state === 'parked'
      ? [`Its operation is parked; resume it with: undercloud resume ${operation.id}`]
      : []),
  ];
}
