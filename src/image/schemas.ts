// The JSON schemas that the image service publishes and checks against.
import { Type } from '@sinclair/typebox';
import { containerFormats, diskFormats } from './formats.ts';
import { imageStatuses, visibilities } from './image.ts';

type Property = Readonly<Record<string, unknown>>;
const readOnly = (property: Property): Property => ({ ...property, readOnly: true });
const uuidPattern = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';
const maxInteger = 2_147_483_647;

/** Image API v2, "Image schema". */
export const imageProperties: Readonly<Record<string, Property>> = {
  id: { type: 'string', pattern: uuidPattern, description: 'An identifier for the image' },
  name: { type: ['null', 'string'], maxLength: 255, description: 'Descriptive name for the image' },
  owner: { type: ['null', 'string'], maxLength: 255, description: 'Owner of the image' },
  status: readOnly({ type: 'string', enum: imageStatuses, description: 'Status of the image' }),
  visibility: { type: 'string', enum: visibilities, description: 'Scope of image accessibility' },
  protected: { type: 'boolean', description: 'If true, image will not be deletable.' },
  os_hidden: { type: 'boolean', description: 'If true, image will not appear in default image list response.' },
  disk_format: { type: ['null', 'string'], enum: [null, ...diskFormats], description: 'Format of the disk' },
  container_format: {
    type: ['null', 'string'],
    enum: [null, ...containerFormats],
    description: 'Format of the container',
  },
  min_disk: {
    type: 'integer',
    minimum: 0,
    maximum: maxInteger,
    description: 'Amount of disk space (in GB) required to boot image.',
  },
  min_ram: {
    type: 'integer',
    minimum: 0,
    maximum: maxInteger,
    description: 'Amount of ram (in MB) required to boot image.',
  },
  tags: {
    type: 'array',
    items: { type: 'string', maxLength: 255 },
    description: 'List of strings related to the image',
  },
  size: readOnly({ type: ['null', 'integer'], description: 'Size of image file in bytes' }),
  virtual_size: readOnly({ type: ['null', 'integer'], description: 'Virtual size of image in bytes' }),
  checksum: readOnly({ type: ['null', 'string'], maxLength: 32, description: 'md5 hash of image contents.' }),
  os_hash_algo: readOnly({
    type: ['null', 'string'],
    maxLength: 64,
    description: 'Algorithm to calculate the os_hash_value',
  }),
  os_hash_value: readOnly({
    type: ['null', 'string'],
    maxLength: 128,
    description: 'Hexdigest of the image contents using the algorithm specified by the os_hash_algo',
  }),
  created_at: readOnly({ type: 'string', description: 'Date and time of image registration' }),
  updated_at: readOnly({ type: 'string', description: 'Date and time of the last image modification' }),
  self: readOnly({ type: 'string', description: 'An image self url' }),
  file: readOnly({ type: 'string', description: 'An image file url' }),
  schema: readOnly({ type: 'string', description: 'An image schema url' }),
  stores: readOnly({ type: 'string', description: 'Store in which image data resides.' }),
  direct_url: readOnly({ type: 'string', description: 'URL to access the image file kept in external store' }),
};

const imageLinks = [
  { rel: 'self', href: '{self}' },
  { rel: 'enclosure', href: '{file}' },
  { rel: 'describedby', href: '{schema}' },
];

export const imageSchema = {
  name: 'image',
  properties: imageProperties,
  additionalProperties: { type: 'string' },
  links: imageLinks,
};

const memberSchema = {
  name: 'member',
  properties: {
    member_id: { type: 'string', description: 'An identifier for the image member (tenantId)' },
    image_id: { type: 'string', pattern: uuidPattern, description: 'An identifier for the image' },
    created_at: { type: 'string', description: 'Date and time of image member creation' },
    updated_at: { type: 'string', description: 'Date and time of last modification of image member' },
    status: {
      type: 'string',
      enum: ['pending', 'accepted', 'rejected'],
      description: 'The status of this image member',
    },
    schema: { readOnly: true, type: 'string' },
  },
};

const text = { type: 'string' };
const textOrNull = { type: ['null', 'string'] };
const taskSchema = {
  name: 'task',
  properties: {
    id: { type: 'string', pattern: uuidPattern, description: 'An identifier for the task' },
    type: { type: 'string', enum: ['api_image_import'], description: 'The type of task represented by this content' },
    status: {
      type: 'string',
      enum: ['pending', 'processing', 'success', 'failure'],
      description: 'The current status of this task',
    },
    owner: { ...textOrNull, description: 'An identifier for the owner of this task' },
    input: { type: ['null', 'object'], description: 'The parameters required by task' },
    result: { type: ['null', 'object'], description: 'The result of current task' },
    message: { ...text, description: 'Human-readable informative message' },
    image_id: text,
    request_id: textOrNull,
    user_id: text,
    expires_at: textOrNull,
    created_at: text,
    updated_at: text,
    self: readOnly(text),
    schema: readOnly(text),
  },
};

/** Documents of `/v2/schemas/NAME`. */
export const schemaDocuments: Readonly<Record<string, unknown>> = {
  image: imageSchema,
  images: collection('images', imageSchema, [{ rel: 'describedby', href: '{schema}' }]),
  member: memberSchema,
  members: collection('members', memberSchema, [{ rel: 'describedby', href: '{schema}' }]),
  task: taskSchema,
  tasks: collection('tasks', taskSchema, [{ rel: 'describedby', href: '{schema}' }]),
};

function collection(name: string, items: unknown, links: readonly unknown[]): unknown {
  return {
    name,
    properties: {
      [name]: { type: 'array', items },
      schema: { type: 'string' },
      first: { type: 'string' },
      next: { type: 'string' },
    },
    links: [{ rel: 'first', href: '{first}' }, { rel: 'next', href: '{next}' }, ...links],
  };
}

/** A new image as it comes: every property by the published schema, any other a string. */
export const newImage = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  properties: imageProperties,
  additionalProperties: { type: 'string', maxLength: 65535 },
});

export const newMember = Type.Object({ member: Type.String({ minLength: 1, maxLength: 255 }) });
export const memberChange = Type.Object({
  status: Type.Union([Type.Literal('pending'), Type.Literal('accepted'), Type.Literal('rejected')]),
});
