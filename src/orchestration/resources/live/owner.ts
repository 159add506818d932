// As whom a stack acts on other services.
import type { Caller } from '../../../openstack/index.ts';
import type { ResourcePlace } from './contract.ts';

/** The stack's owner within the stack's project, with the roles of the day on which the stack was created. */
export function ownerOf(place: ResourcePlace): Caller {
  return {
    userId: place.userId,
    userName: place.userName,
    projectId: place.projectId,
    roles: [...new Set([...place.roles, 'reader'])],
  };
}
