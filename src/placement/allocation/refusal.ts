// Turns the database's reason for refusing allocations into an error of the API.
import type { ApiError } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { AllocationRefusal } from '../store.ts';

/** `where` goes into the message for an unknown class: ` for consumer UUID:`, or nothing for many consumers. */
export function refusalError(refusal: AllocationRefusal, where: string): ApiError {
  switch (refusal.outcome) {
    case 'consumer_generation':
      return errors.ConsumerGenerationMoved(refusal.expected, refusal.got);
    case 'provider':
      return errors.AllocationWithoutProvider(refusal.provider);
    case 'resource_class':
      return errors.AllocationOfUnknownClass(where, refusal.resource_class);
    case 'inventory':
      return errors.CannotAllocate(
        `Inventory for '${refusal.resource_class}' on resource provider '${refusal.provider}' invalid.`,
      );
    case 'constraints':
    case 'capacity': {
      const broken =
        refusal.outcome === 'capacity' ? 'would exceed the capacity.' : 'would violate inventory constraints.';
      return errors.CannotAllocate(
        `Unable to create allocation for '${refusal.resource_class}' on resource provider '${refusal.provider}'. The requested amount ${broken}`,
      );
    }
  }
}
