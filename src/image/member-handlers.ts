// Handlers for the members of an image.
import { empty, json } from '../openstack/index.ts';
import type { See, Seen } from './access.ts';
import { errors } from './errors.ts';
import type { Handler } from './handlers.ts';
import type { MemberStatus, MemberStore } from './members.ts';
import { memberView } from './view.ts';

export function memberHandlers({ members, see }: { members: MemberStore; see: See }) {
  const shared = ({ image }: Seen) => {
    if (image.visibility !== 'shared') throw errors.NotShared();
  };

  const list: Handler = async (request) => {
    const seen = await see(request);
    request.enforce('get_members', seen.target);
    shared(seen);
    const { caller } = request.context;
    const all = await members.list(seen.image.id);
    const whole = caller.roles.includes('admin') || caller.projectId === seen.image.owner;
    const shown = whole ? all : all.filter(({ member }) => member === caller.projectId);
    return json({ members: shown.map(memberView), schema: '/v2/schemas/members' });
  };

  const add: Handler<{ member: string }> = async (request) => {
    const seen = await see(request);
    request.enforce('add_member', seen.target);
    shared(seen);
    const project = request.body.member;
    if (project.includes('\0')) throw errors.MemberInvalid('Member holds a NUL character.');
    const member = await members.add(seen.image.id, project);
    if (!member) throw errors.MemberExists(project, seen.image.id);
    return json(memberView(member));
  };

  const show: Handler = async (request) => {
    const seen = await see(request);
    const project = request.params.member ?? '';
    const { caller } = request.context;
    const own = caller.roles.includes('admin') || [seen.image.owner, project].includes(caller.projectId ?? null);
    const member = own ? await members.get(seen.image.id, project) : undefined;
    if (!member) throw errors.MemberNotFound(project, seen.image.id);
    request.enforce('get_member', { ...seen.target, member_id: project });
    return json(memberView(member));
  };

  const update: Handler<{ status: MemberStatus }> = async (request) => {
    const seen = await see(request);
    const project = request.params.member ?? '';
    request.enforce('modify_member', { ...seen.target, member_id: project });
    const member = await members.setStatus(seen.image.id, project, request.body.status);
    if (!member) throw errors.MemberNotFound(project, seen.image.id);
    return json(memberView(member));
  };

  const remove: Handler = async (request) => {
    const seen = await see(request);
    request.enforce('delete_member', seen.target);
    shared(seen);
    const project = request.params.member ?? '';
    if (!(await members.remove(seen.image.id, project))) throw errors.MemberNotFound(project, seen.image.id);
    return empty();
  };

  return { list, add, show, update, remove };
}
