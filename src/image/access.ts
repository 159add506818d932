// Which image a request may see, and the target its policy rules are asked about.
import type { ApiRequest } from '../openstack/index.ts';
import { errors } from './errors.ts';
import type { Image } from './image.ts';
import { isUuid } from './list.ts';
import type { MemberStore } from './members.ts';
import type { ImageStore } from './store.ts';

export interface Seen {
  readonly image: Image;
  /** For `enforce`: owner, visibility and the caller's membership by the names that the rules use. */
  readonly target: Readonly<Record<string, unknown>>;
}

export type See = (request: Pick<ApiRequest, 'params' | 'context' | 'may'>) => Promise<Seen>;

/** Finds the image of `:image`. Throws ImageNotFound for one that is not there or not the caller's to see. */
export function createSee(store: ImageStore, members: MemberStore): See {
  return async ({ params, context, may }) => {
    const id = params.image ?? '';
    const image = isUuid(id) ? await store.get(id) : undefined;
    if (!image) throw errors.ImageNotFound(id);
    const { caller } = context;
    const mine = image.owner !== null && image.owner === caller.projectId;
    const isMember =
      !mine &&
      image.visibility === 'shared' &&
      caller.projectId !== undefined &&
      (await members.get(image.id, caller.projectId)) !== undefined;
    const target = {
      project_id: image.owner,
      owner: image.owner,
      visibility: image.visibility,
      ...(isMember ? { member_id: caller.projectId } : {}),
    };
    const open = image.visibility === 'public' || image.visibility === 'community';
    const reachable = mine || isMember || open || caller.roles.includes('admin');
    if (!reachable || !may('get_image', target)) throw errors.ImageNotFound(id);
    return { image, target };
  };
}
