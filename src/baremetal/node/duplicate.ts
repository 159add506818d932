// Turns a violated constraint of the nodes table into the answer that names what is taken.
import { errors } from '../errors.ts';

interface Values {
  readonly uuid: string;
  readonly name: string | null;
  readonly instance_uuid: string | null;
  readonly chassis_uuid: string | null;
}

/** Runs a write of a node; a unique or foreign key violation becomes NodeAlreadyExists, DuplicateName, ... */
export async function duplicateOf<Result>(values: Values, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    switch (constraintOf(error)) {
      case 'baremetal_nodes_uuid_key':
        throw errors.NodeAlreadyExists(values.uuid);
      case 'baremetal_nodes_name_key':
        throw errors.DuplicateName('node', values.name ?? '');
      case 'baremetal_nodes_instance_uuid_key':
        throw errors.InstanceAssociated(values.instance_uuid ?? '', values.uuid);
      case 'baremetal_nodes_chassis_uuid_fkey':
        throw errors.Invalid(`Chassis ${values.chassis_uuid} could not be found.`);
      case 'baremetal_nodes_parent_node_fkey':
        throw errors.Invalid('The parent node could not be found.');
      default:
        throw error;
    }
  }
}

/** Name of the constraint that PostgreSQL says was violated. */
export function constraintOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('constraint' in error)) return undefined;
  return typeof error.constraint === 'string' ? error.constraint : undefined;
}
