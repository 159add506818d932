// The errors of the image service.
import { catalogue, fault } from '../openstack/index.ts';

export const errors = catalogue({
  ImageNotFound: fault(404, (id: string) => `No image found with ID ${id}`, 'List them: openstack image list.'),
  ImageAmbiguous: fault(
    409,
    (name: string, ids: readonly string[]) => `More than one image is named ${name}: ${ids.join(', ')}.`,
    'Use the ID.',
  ),
  ImageExists: fault(409, (id: string) => `Image ID ${id} already exists!`),
  ImageProtected: fault(
    403,
    (id: string) => `Image ${id} is protected and cannot be deleted.`,
    'Unprotect it first: openstack image set --unprotected.',
  ),
  ReadOnly: fault(403, (name: string) => `Attribute '${name}' is read-only.`),
  Reserved: fault(403, (name: string) => `Attribute '${name}' is reserved.`),
  NotRemovable: fault(403, (name: string) => `Property ${name} may not be removed.`),
  OnlyWhenQueued: fault(403, (name: string) => `Attribute ${name} can be only replaced for a queued image.`),
  NoSuchProperty: fault(409, (name: string) => `Property ${name} does not exist.`),
  NotTheSchema: fault(400, (why: string) => `Provided object does not match schema 'image': ${why}`),
  BadPatch: fault(400, (why: string) => why),
  BadPatchType: fault(
    415,
    (type: string) => `The media type ${type} is not supported.`,
    'Use application/openstack-images-v2.1-json-patch.',
  ),
  BadFilter: fault(400, (why: string) => why),
  BadDataType: fault(415, (type: string) => `The media type ${type} is not supported, use application/octet-stream.`),
  StatusConflict: fault(
    409,
    (from: string, to: string) => `Image status transition from ${from} to ${to} is not allowed`,
  ),
  TransitionForbidden: fault(
    403,
    (from: string, to: string) => `Image status transition from ${from} to ${to} is not allowed`,
  ),
  FormatsMissing: fault(
    400,
    () => 'Properties disk_format, container_format must be set prior to saving data.',
    'Set them: openstack image set --disk-format F --container-format F.',
  ),
  FormatRefused: fault(
    415,
    (why: string) => `The image is refused: ${why}.`,
    'Convert it with qemu-img convert, or declare the right disk_format.',
  ),
  SizeMismatch: fault(400, (said: number, got: number) => `The upload announced ${said} bytes and had ${got}.`),
  UploadCutOff: fault(400, () => 'The upload ended before all of its bytes had come.', 'Upload it again.'),
  ImageGone: fault(410, (id: string) => `Image ${id} was deleted while its data was stored.`),
  RangeNotSatisfiable: fault(
    416,
    (range: string, size: number) => `Invalid range ${range} for an image of ${size} bytes.`,
  ),
  Deactivated: fault(
    403,
    () => 'The requested image has been deactivated. Image data download is forbidden.',
    'Reactivate it: openstack image set --activate.',
  ),
  NoData: fault(404, (id: string) => `Image ${id} has no data.`, 'Upload it first.'),
  NotShared: fault(403, () => 'Only shared images have members.', 'Set its visibility to shared.'),
  MemberNotFound: fault(
    404,
    (member: string, image: string) => `${member} not found in the member list of the image ${image}.`,
  ),
  MemberExists: fault(
    409,
    (member: string, image: string) => `Project ${member} is already associated with image ${image}.`,
  ),
  MemberInvalid: fault(400, (why: string) => why),
  TagNotFound: fault(404, (tag: string) => `Could not find tag ${tag}.`),
  ImportMethod: fault(400, (name: string) => `Unknown import method name '${name}'.`, 'See GET /v2/info/import.'),
  ImportUri: fault(
    400,
    (uri: string) => `URI for web-download does not pass filtering: ${uri}`,
    'It must be http or https on the port 80 or 443.',
  ),
  MetadefNotFound: fault(404, (kind: string, name: string) => `Metadata definition ${kind} not found: ${name}.`),
  MetadefExists: fault(
    409,
    (kind: string, name: string) => `A metadata definition ${kind} with name=${name} already exists.`,
  ),
  MetadefProtected: fault(
    403,
    (name: string) => `Metadata definition namespace ${name} is protected and cannot be deleted.`,
    'Set protected to false first.',
  ),
  CopyNeedsActive: fault(409, () => 'Only images with status active can be targeted for copying'),
  AlreadyInStore: fault(409, (store: string) => `The image is in the store ${store} already, which is the only one.`),
  UnknownStore: fault(400, (store: string) => `There is no store ${store}.`, 'See GET /v2/info/stores.'),
  OnlyStore: fault(
    403,
    (store: string, image: string) => `The store ${store} is the only one that has the image ${image}.`,
    'Delete the image: openstack image delete.',
  ),
  NoCache: fault(404, () => 'Caching via API is not supported at this site: images lie on the server itself.'),
  TaskNotFound: fault(404, (id: string) => `Could not find task ${id}`),
});
