// The vendor methods of nodes, by their vendor_interface: what Ironic's clients find under `passthru`.
import { HardwareError, type Machine } from '../../hardware/index.ts';
import { errors } from '../errors.ts';

export interface VendorMethod {
  readonly http_methods: readonly string[];
  /** Answered before it is done, without a body. */
  readonly async: boolean;
  readonly description: string;
  readonly require_exclusive_lock: boolean;
  readonly run: (machine: Machine, args: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

type Methods = Readonly<Record<string, VendorMethod>>;

/** Throws 400 with the argument's name when it is missing or no text. */
function text(args: Readonly<Record<string, unknown>>, name: string): string {
  const value = args[name];
  if (typeof value === 'string' && value !== '') return value;
  throw errors.MissingParameter(`Parameter '${name}' not passed to the method, or not as text.`);
}

const fake = (name: string, async: boolean, exclusive: boolean): Methods => ({
  [name]: {
    http_methods: ['POST'],
    async,
    description: 'Is bar "baz"? For trying how methods are called.',
    require_exclusive_lock: exclusive,
    run: async (_machine, args) => text(args, 'bar') === 'baz',
  },
});

const redfish: Methods = {
  create_subscription: {
    http_methods: ['POST'],
    async: false,
    description: 'Have the BMC send its events to Destination; Context comes back with each.',
    require_exclusive_lock: true,
    run: async ({ events }, args) => {
      const context = typeof args.Context === 'string' ? { context: args.Context } : {};
      return shown(await events.subscribe({ destination: text(args, 'Destination'), ...context }));
    },
  },
  delete_subscription: {
    http_methods: ['DELETE'],
    async: false,
    description: 'End the event subscription with this id.',
    require_exclusive_lock: true,
    run: ({ events }, args) => events.unsubscribe(text(args, 'id')),
  },
  get_all_subscriptions: {
    http_methods: ['GET'],
    async: false,
    description: 'The event subscriptions of the BMC.',
    require_exclusive_lock: false,
    run: async ({ events }) => {
      const all = await events.list();
      return { Members: all.map(({ id }) => ({ id })), 'Members@odata.count': all.length };
    },
  },
  get_subscription: {
    http_methods: ['GET'],
    async: false,
    description: 'The event subscription with this id.',
    require_exclusive_lock: false,
    run: async ({ events }, args) => {
      const id = text(args, 'id');
      const found = (await events.list()).find((one) => one.id === id);
      if (found) return shown(found);
      throw new HardwareError('misconfigured', `The BMC has no event subscription ${id}.`, {
        hint: 'List them with get_all_subscriptions.',
      });
    },
  },
  eject_vmedia: {
    http_methods: ['POST'],
    async: false,
    description: 'Empty the virtual CD drive.',
    require_exclusive_lock: true,
    run: ({ virtualMedia }) => virtualMedia.eject(),
  },
};

const ipmitool: Methods = {
  send_raw: {
    http_methods: ['POST'],
    async: true,
    description: 'Send raw_bytes, such as "0x06 0x01", to the BMC.',
    require_exclusive_lock: true,
    run: ({ controller }, args) => controller.raw(rawBytes(text(args, 'raw_bytes'))),
  },
  bmc_reset: {
    http_methods: ['POST'],
    async: true,
    description: 'Restart the BMC: warm, which is the default, or cold.',
    require_exclusive_lock: true,
    run: ({ controller }, { warm = true }) => controller.reset(!/^(false|no|off|0)$/i.test(String(warm))),
  },
};

function rawBytes(given: string): readonly string[] {
  const bytes = given.trim().split(/\s+/);
  if (bytes.length < 2 || !bytes.every((byte) => /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(byte)))
    throw errors.Invalid('raw_bytes are two or more numbers of bytes, such as "0x06 0x01".');
  return bytes;
}

function shown(one: { id: string; destination: string; context: string; protocol: string }) {
  return { Id: one.id, Destination: one.destination, Context: one.context, Protocol: one.protocol };
}

const ofInterface: Readonly<Record<string, Methods>> = {
  fake: {
    ...fake('first_method', true, true),
    ...fake('second_method', true, true),
    ...fake('third_method_sync', false, true),
    ...fake('fourth_method_shared_lock', true, false),
  },
  redfish,
  ipmitool,
};

/** Those that a node with this vendor_interface has. */
export function vendorMethodsOf(vendorInterface: string | null): Methods {
  return (vendorInterface === null ? undefined : ofInterface[vendorInterface]) ?? {};
}
