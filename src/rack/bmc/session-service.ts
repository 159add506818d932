// Redfish's session service and the one account of the BMC.
import { Type } from '@sinclair/typebox';
import type { Bmc } from './bmc.ts';
import { checkProperties } from './body.ts';
import { fault } from './messages.ts';
import { collection, healthy, link, resource, root } from './resources.ts';
import { type Answer, done, ok, type RedfishRequest } from './router.ts';
import { type Session, sessionTimeoutS } from './sessions.ts';

const service = `${root}/SessionService`;
const sessionPath = (id: string): string => `${service}/Sessions/${id}`;

export const getSessionService = (): Answer =>
  ok({
    ...resource(service, 'SessionService.v1_1_8.SessionService', 'SessionService', 'Session service'),
    ServiceEnabled: true,
    SessionTimeout: sessionTimeoutS,
    Sessions: link(`${service}/Sessions`),
    Status: healthy,
  });

export const listSessions = (bmc: Bmc): Answer =>
  ok(
    collection(
      `${service}/Sessions`,
      'SessionCollection',
      'Sessions',
      bmc.sessions.list().map((session) => sessionPath(session.id)),
    ),
  );

const body = (session: Session): Record<string, unknown> => ({
  ...resource(sessionPath(session.id), 'Session.v1_3_0.Session', session.id, 'User session'),
  UserName: session.username,
  CreatedTime: session.createdAt.toISOString(),
});

const Login = Type.Object({ UserName: Type.String(), Password: Type.String() }, { additionalProperties: false });

export function openSession(bmc: Bmc, request: RedfishRequest): Answer {
  const { UserName, Password } = checkProperties(Login, request.body, {});
  const session = bmc.sessions.open(UserName, Password);
  if (!session) throw fault('NoValidSession');
  return {
    status: 201,
    body: body(session),
    headers: { 'X-Auth-Token': session.token, Location: sessionPath(session.id) },
  };
}

function find(bmc: Bmc, request: RedfishRequest): Session {
  const session = bmc.sessions.find(request.path.id ?? '');
  if (!session) throw fault('ResourceMissingAtURI', [request.uri]);
  return session;
}

export const getSession = (bmc: Bmc, request: RedfishRequest): Answer => ok(body(find(bmc, request)));

export function closeSession(bmc: Bmc, request: RedfishRequest): Answer {
  bmc.sessions.close(find(bmc, request));
  return done;
}

const accounts = `${root}/AccountService`;

export const getAccountService = (): Answer =>
  ok({
    ...resource(accounts, 'AccountService.v1_7_0.AccountService', 'AccountService', 'Account service'),
    ServiceEnabled: true,
    Accounts: link(`${accounts}/Accounts`),
    Roles: link(`${accounts}/Roles`),
  });

export const listAccounts = (): Answer =>
  ok(collection(`${accounts}/Accounts`, 'ManagerAccountCollection', 'Accounts', [`${accounts}/Accounts/1`]));

export function getAccount(bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== '1') throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(`${accounts}/Accounts/1`, 'ManagerAccount.v1_6_0.ManagerAccount', '1', 'Administrator'),
    UserName: bmc.spec.bmc.username,
    Password: null,
    RoleId: 'Administrator',
    Enabled: true,
    Links: { Role: link(`${accounts}/Roles/Administrator`) },
  });
}

export const listRoles = (): Answer =>
  ok(collection(`${accounts}/Roles`, 'RoleCollection', 'Roles', [`${accounts}/Roles/Administrator`]));

export function getRole(_bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== 'Administrator') throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(`${accounts}/Roles/Administrator`, 'Role.v1_3_0.Role', 'Administrator', 'Administrator'),
    RoleId: 'Administrator',
    IsPredefined: true,
    AssignedPrivileges: ['Login', 'ConfigureManager', 'ConfigureUsers', 'ConfigureComponents', 'ConfigureSelf'],
  });
}
