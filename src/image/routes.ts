// The whole Image API v2 on one page, and the open read for machines.
import { type Api, imageFault, type Route, route } from '../openstack/index.ts';
import type { dataHandlers } from './data-handlers.ts';
import { importRequest } from './data-handlers.ts';
import { schemaDocument, storesInfo, versions } from './discovery.ts';
import { errors } from './errors.ts';
import type { imageHandlers } from './handlers.ts';
import type { memberHandlers } from './member-handlers.ts';
import { metadefPolicy } from './metadef/routes.ts';
import { policy } from './policy.ts';
import { memberChange, newImage, newMember } from './schemas.ts';
import { type upkeepHandlers, verifyRequest } from './upkeep.ts';

interface Handlers {
  readonly images: ReturnType<typeof imageHandlers>;
  readonly data: ReturnType<typeof dataHandlers>;
  readonly members: ReturnType<typeof memberHandlers>;
  readonly upkeep: ReturnType<typeof upkeepHandlers>;
  readonly metadefs: readonly Route[];
}

/** Rules that need the image are asked by the handlers, which know it. */
const authenticated = 'authenticated';
const one = '/v2/images/:image';

// biome-ignore format: one route a line reads as a table.
export function imageApi({ images, data, members, upkeep, metadefs }: Handlers): Api {
  return {
    service: 'image',
    path: '/image',
    policy: { ...policy, ...metadefPolicy, [authenticated]: '' },
    renderFault: imageFault,
    schemaFault: (fault) => errors.NotTheSchema(`${fault.pointer.slice(1) || fault.place}: ${fault.message}`),
    routes: [
      route({ method: 'GET', path: '', policy: null, summary: 'List versions', handler: ({ context }) => versions(context.baseUrl, 300) }),
      route({ method: 'GET', path: '/', policy: null, summary: 'List versions', handler: ({ context }) => versions(context.baseUrl, 300) }),
      route({ method: 'GET', path: '/versions', policy: null, summary: 'List versions', handler: ({ context }) => versions(context.baseUrl, 200) }),
      route({ method: 'GET', path: '/v2/images', policy: 'get_images', summary: 'List images', handler: images.list }),
      route({ method: 'POST', path: '/v2/images', policy: authenticated, summary: 'Create an image', body: newImage, handler: images.create }),
      route({ method: 'DELETE', path: '/v2/images', policy: authenticated, summary: 'Not allowed: images are deleted one by one', handler: images.removeAll }),
      route({ method: 'GET', path: one, policy: authenticated, summary: 'Show an image', handler: images.show }),
      route({ method: 'PATCH', path: one, policy: authenticated, summary: 'Update an image', payload: 'any', handler: images.update }),
      route({ method: 'DELETE', path: one, policy: authenticated, summary: 'Delete an image', handler: images.remove }),
      route({ method: 'PUT', path: `${one}/file`, policy: authenticated, summary: 'Upload image data', payload: 'raw', handler: data.upload }),
      route({ method: 'GET', path: `${one}/file`, policy: authenticated, summary: 'Download image data, whole or a range', handler: data.download }),
      route({ method: 'PUT', path: `${one}/stage`, policy: authenticated, summary: 'Stage image data for an import', payload: 'raw', handler: data.stage }),
      route({ method: 'POST', path: `${one}/import`, policy: authenticated, summary: 'Import staged data', body: importRequest, handler: data.importImage }),
      route({ method: 'GET', path: `${one}/tasks`, policy: authenticated, summary: "List an image's imports", handler: data.tasks }),
      route({ method: 'GET', path: '/v2/tasks', policy: 'tasks_api_access', summary: 'List imports', handler: data.allTasks }),
      route({ method: 'GET', path: '/v2/tasks/:task', policy: 'tasks_api_access', summary: 'Show an import', handler: data.task }),
      route({ method: 'POST', path: `${one}/actions/deactivate`, policy: authenticated, summary: 'Deactivate an image', handler: images.deactivate }),
      route({ method: 'POST', path: `${one}/actions/reactivate`, policy: authenticated, summary: 'Reactivate an image', handler: images.reactivate }),
      route({ method: 'PUT', path: `${one}/tags/:tag`, policy: authenticated, summary: 'Add a tag', handler: images.addTag }),
      route({ method: 'DELETE', path: `${one}/tags/:tag`, policy: authenticated, summary: 'Remove a tag', handler: images.removeTag }),
      route({ method: 'GET', path: `${one}/members`, policy: authenticated, summary: 'List members', handler: members.list }),
      route({ method: 'POST', path: `${one}/members`, policy: authenticated, summary: 'Add a member', body: newMember, handler: members.add }),
      route({ method: 'GET', path: `${one}/members/:member`, policy: authenticated, summary: 'Show a member', handler: members.show }),
      route({ method: 'PUT', path: `${one}/members/:member`, policy: authenticated, summary: 'Accept or reject a membership', body: memberChange, handler: members.update }),
      route({ method: 'DELETE', path: `${one}/members/:member`, policy: authenticated, summary: 'Remove a member', handler: members.remove }),
      route({ method: 'GET', path: '/v2/schemas/:name', policy: authenticated, summary: 'Show a JSON schema', handler: ({ params }) => schemaDocument(params.name ?? '') }),
      route({ method: 'GET', path: '/v2/info/import', policy: authenticated, summary: 'List import methods', handler: images.importInfo }),
      route({ method: 'GET', path: '/v2/info/stores', policy: authenticated, summary: 'List stores', handler: () => storesInfo(false) }),
      route({ method: 'GET', path: '/v2/info/stores/detail', policy: 'stores_info_detail', summary: 'List stores in detail', handler: () => storesInfo(true) }),
      route({ method: 'GET', path: '/v2/info/usage', policy: authenticated, summary: "Show what a project's images take", handler: images.usage }),
      route({ method: 'DELETE', path: '/v2/stores/:store/:image', policy: authenticated, summary: 'Refused: there is one store', handler: data.leaveStore }),
      route({ method: 'GET', path: '/v2/cache', policy: 'cache_list', summary: 'Not offered: images lie on the server itself', handler: noCache }),
      route({ method: 'DELETE', path: '/v2/cache', policy: 'cache_delete', summary: 'Not offered: images lie on the server itself', handler: noCache }),
      route({ method: 'PUT', path: '/v2/cache/:image', policy: 'cache_image', summary: 'Not offered: images lie on the server itself', handler: noCache }),
      route({ method: 'DELETE', path: '/v2/cache/:image', policy: 'cache_delete', summary: 'Not offered: images lie on the server itself', handler: noCache }),
      route({ method: 'POST', path: '/store/verify', policy: 'store:verify', summary: 'Start an operation that re-reads every chunk, of one image or of all', body: verifyRequest, handler: upkeep.verify }),
      route({ method: 'POST', path: '/store/gc', policy: 'store:gc', summary: 'Start an operation that frees what nothing refers to', handler: upkeep.collect }),
      ...metadefs,
    ],
  };
}

function noCache(): never {
  throw errors.NoCache();
}

/** What the machines' listener serves: the bytes of active images, verbatim, whole or by range, without a token. */
export function machineImageApi({ data }: Pick<Handlers, 'data'>): Api {
  return {
    service: 'image',
    path: '/images',
    policy: {},
    renderFault: imageFault,
    routes: [
      route({ method: 'GET', path: '/:image', policy: null, summary: 'Read image data', handler: data.openRead }),
      route({
        method: 'HEAD',
        path: '/:image',
        policy: null,
        summary: 'Size and hash of image data',
        handler: data.openRead,
      }),
    ],
  };
}
