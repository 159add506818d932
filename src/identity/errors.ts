// What identity refuses, and why.
import { catalogue, fault } from '../openstack/index.ts';

export const errors = catalogue({
  NotFound: fault(404, (kind: string, id: string) => `Could not find ${kind}: ${id}.`),
  Conflict: fault(
    409,
    (kind: string, why: string) => `Conflict occurred attempting to store ${kind} - ${why}.`,
    'Choose another name or change the one that exists.',
  ),
  InUse: fault(
    409,
    (kind: string, id: string, by: string) => `${kind} ${id} is in use by ${by}.`,
    'Delete those first.',
  ),
  Invalid: fault(400, (message: string) => message),
  Denied: fault(403, (message: string) => message),
  Unauthorized: fault(
    401,
    () => 'The request you have made requires authentication.',
    'Check the user, the password and the scope.',
  ),
  PasswordExpired: fault(
    401,
    (userId: string) => `The password is expired and needs to be changed for user: ${userId}.`,
    'Change it: openstack user password set.',
  ),
  TokenNotFound: fault(404, () => 'Could not recognize or validate the token.'),
  WrongPassword: fault(400, (rule: string) => `The password does not match the requirements: ${rule}.`),
  Gone: fault(410, (what: string) => `${what} is no longer available: there are no PKI tokens.`),
  NotOffered: fault(501, (what: string) => `${what} is not offered by this service.`, 'Use local users and groups.'),
});
