// What the introspection API answers when it says no, beside what bare metal itself says.
import { catalogue, fault } from '../../openstack/index.ts';

export const errors = catalogue({
  IntrospectionNotFound: fault(
    404,
    (node: string) => `Introspection of node ${node} could not be found.`,
    'Start one: openstack baremetal introspection start NODE.',
  ),
  DataNotFound: fault(
    404,
    (node: string) => `Introspection data of node ${node} could not be found.`,
    'They are there when an introspection has succeeded.',
  ),
  NotInProgress: fault(400, (node: string) => `No introspection of node ${node} is under way.`),
  BeingProcessed: fault(
    409,
    (node: string) => `The introspection of node ${node} cannot be aborted at this moment.`,
    'Ask again when its state is "waiting".',
  ),
  RuleNotFound: fault(404, (rule: string) => `Rule ${rule} was not found.`),
  RuleExists: fault(409, (rule: string) => `A rule with UUID ${rule} already exists.`),
  BadRule: fault(400, (field: string, why: string) => `The rule's ${field} ${why}.`),
});
