// Who may see and do what where the rules of before scopes hold beside the scopes.
import { formerly } from './testing/access.data.ts';
import { testAccess } from './testing/access.ts';

testAccess(formerly);
