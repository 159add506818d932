// Redfish services as vendors answer: resources after the DMTF schemas with what each is known to do differently.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

type Body = Readonly<Record<string, unknown>>;

export interface Vendor {
  readonly system: string;
  /** Path -> what GET answers. */
  readonly resources: Readonly<Record<string, Body>>;
  /** Why a write is refused; undefined: it is taken. */
  refuse(method: string, path: string, body: Body): string | undefined;
  /** Path -> what POST answers, where it is more than that it was done. */
  readonly answers?: Readonly<Record<string, Body>>;
}

const link = (path: string) => ({ '@odata.id': path });
const list = (...paths: string[]) => ({ Members: paths.map(link) });
const cd = { MediaTypes: ['CD', 'DVD'], Image: null, Inserted: false };

interface Layout {
  readonly manufacturer: string;
  readonly system: string;
  readonly manager: string;
  readonly drives: Readonly<Record<string, Body>>;
  readonly targets: readonly string[];
  readonly bios?: Body;
  readonly update?: Body;
  /** Further members of the system. */
  readonly parts?: Body;
  /** Further members of the manager. */
  readonly managerParts?: Body;
  /** Resources beside those that all have. */
  readonly more?: Readonly<Record<string, Body>>;
  /** What paths of resources end with. */
  readonly tail?: string;
}

function service({
  manufacturer,
  system,
  manager,
  drives,
  targets,
  bios = {},
  update = {},
  parts = {},
  managerParts = {},
  more = {},
  tail = '',
}: Layout) {
  const root = '/redfish/v1';
  const at = { system: `${root}/Systems/${system}${tail}`, manager: `${root}/Managers/${manager}${tail}` };
  const media = `${at.manager.replace(/\/$/, '')}/VirtualMedia${tail}`;
  const drive = (name: string) => `${media.replace(/\/$/, '')}/${name}${tail}`;
  const resources: Record<string, Body> = {
    [root]: { UpdateService: link(`${root}/UpdateService`) },
    [`${root}/Systems`]: list(at.system),
    [at.system]: {
      Id: system,
      Manufacturer: manufacturer,
      PowerState: 'Off',
      Boot: {
        BootSourceOverrideEnabled: 'Disabled',
        BootSourceOverrideTarget: 'None',
        BootSourceOverrideMode: 'UEFI',
        'BootSourceOverrideTarget@Redfish.AllowableValues': targets,
      },
      Bios: link(`${root}/Systems/${system}/Bios`),
      Links: { ManagedBy: [link(at.manager)] },
      Actions: {
        '#ComputerSystem.Reset': { target: `${root}/Systems/${system}/Actions/ComputerSystem.Reset` },
      },
      ...parts,
    },
    [`${root}/Systems/${system}/Bios`]: { Attributes: { BootMode: 'Uefi', LogicalProc: 'Enabled' }, ...bios },
    [at.manager]: { Id: manager, FirmwareVersion: '1', VirtualMedia: link(media), ...managerParts },
    [media]: list(...Object.keys(drives).map(drive)),
    ...Object.fromEntries(Object.entries(drives).map(([name, body]) => [drive(name), { Id: name, ...body }])),
    [`${root}/UpdateService`]: {
      Actions: {
        '#UpdateService.SimpleUpdate': { target: `${root}/UpdateService/Actions/UpdateService.SimpleUpdate` },
      },
      ...update,
    },
    ...more,
  };
  return { system: at.system, resources };
}

const insertAction = (manager: string, drive: string) => ({
  Actions: {
    '#VirtualMedia.InsertMedia': {
      target: `/redfish/v1/Managers/${manager}/VirtualMedia/${drive}/Actions/VirtualMedia.InsertMedia`,
    },
  },
});

const settingsObject = (path: string, times: readonly string[]) => ({
  '@Redfish.Settings': { SettingsObject: link(path), SupportedApplyTimes: times },
});

const dellOem = (service: string) => `/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/${service}`;
const dellActions = (service: string, name: string) => ({
  Actions: { [`#${service}.${name}`]: { target: `${dellOem(service)}/Actions/${service}.${name}` } },
});

export const vendors: Readonly<Record<'Dell' | 'HPE' | 'Lenovo' | 'Supermicro' | 'MegaRAC' | 'OpenBMC', Vendor>> = {
  Dell: {
    ...service({
      manufacturer: 'Dell Inc.',
      system: 'System.Embedded.1',
      manager: 'iDRAC.Embedded.1',
      drives: { CD: { ...cd, ...insertAction('iDRAC.Embedded.1', 'CD') } },
      targets: ['None', 'Pxe', 'Cd', 'Hdd', 'BiosSetup', 'UefiHttp'],
      bios: settingsObject('/redfish/v1/Systems/System.Embedded.1/Bios/Settings', ['OnReset', 'Immediate']),
      managerParts: {
        DateTime: '2026-03-09T13:57:03-05:00',
        DateTimeLocalOffset: '-05:00',
        SerialConsole: { ServiceEnabled: true, MaxConcurrentSessions: 1, ConnectTypesSupported: ['SSH', 'IPMI'] },
        Links: {
          Oem: {
            Dell: { DellJobService: link(dellOem('DellJobService')), DellLCService: link(dellOem('DellLCService')) },
          },
        },
      },
      more: {
        [dellOem('DellJobService')]: dellActions('DellJobService', 'DeleteJobQueue'),
        [dellOem('DellLCService')]: dellActions('DellLCService', 'GetRemoteServicesAPIStatus'),
      },
    }),
    answers: {
      [`${dellOem('DellLCService')}/Actions/DellLCService.GetRemoteServicesAPIStatus`]: {
        LCStatus: 'Ready',
        Status: 'Ready',
      },
    },
    refuse: (method, path, body) =>
      method === 'PATCH' && path.endsWith('/Bios/Settings') && !('@Redfish.SettingsApplyTime' in body)
        ? 'No job was made for these settings.'
        : undefined,
  },
  HPE: {
    ...service({
      manufacturer: 'HPE',
      system: '1',
      manager: '1',
      drives: { '1': { MediaTypes: ['Floppy', 'USBStick'] }, '2': { ...cd, ...insertAction('1', '2') } },
      targets: ['None', 'Cd', 'Hdd', 'Usb', 'Pxe', 'BiosSetup', 'UefiHttp'],
      bios: settingsObject('/redfish/v1/Systems/1/Bios/Settings', []),
      update: { Oem: { Hpe: { State: 'Writing', FlashProgressPercent: 40 } } },
      tail: '/',
    }),
    refuse: () => undefined,
  },
  Lenovo: {
    ...service({
      manufacturer: 'Lenovo',
      system: '1',
      manager: '1',
      drives: { RDOC1: cd, EXT1: cd },
      targets: ['None', 'Pxe', 'Cd', 'Usb', 'Hdd', 'BiosSetup'],
    }),
    refuse: (_method, path) => (path.includes('/Actions/VirtualMedia.') ? 'Action not supported.' : undefined),
  },
  Supermicro: {
    ...service({
      manufacturer: 'Supermicro',
      system: '1',
      manager: '1',
      // Its drive keeps the name of the image that was in it last.
      drives: {
        CD1: {
          ...cd,
          Inserted: undefined,
          Image: 'http://old/x.iso',
          ConnectedVia: 'NotConnected',
          ...insertAction('1', 'CD1'),
        },
      },
      targets: ['None', 'Pxe', 'Hdd', 'UsbCd', 'BiosSetup', 'UefiHttp'],
    }),
    refuse: (_method, _path, body) =>
      'Inserted' in body || 'WriteProtected' in body
        ? 'The property Inserted is not in the list of valid properties for the resource.'
        : undefined,
  },
  // American Megatrends' service, as Gigabyte, ASRock and others ship it.
  MegaRAC: {
    ...service({
      manufacturer: 'GIGABYTE',
      system: 'Self',
      manager: 'Self',
      drives: { CD1: { ...cd, ...insertAction('Self', 'CD1') } },
      targets: ['None', 'Pxe', 'Hdd', 'Cd', 'BiosSetup'],
      parts: { SimpleStorage: link('/redfish/v1/Systems/Self/SimpleStorage') },
      more: {
        '/redfish/v1/Systems/Self/SimpleStorage': list('/redfish/v1/Systems/Self/SimpleStorage/1'),
        '/redfish/v1/Systems/Self/SimpleStorage/1': {
          Devices: [{ Name: 'SATA Port0', Model: 'SSD', CapacityBytes: 480_103_981_056 }, { Name: 'SATA Port1' }],
        },
      },
    }),
    refuse: (_method, path, body) =>
      path.endsWith('InsertMedia') && !('TransferProtocolType' in body)
        ? 'The action InsertMedia requires the parameter TransferProtocolType to be present in the request body.'
        : undefined,
  },
  OpenBMC: {
    ...service({
      manufacturer: 'IBM',
      system: 'system',
      manager: 'bmc',
      drives: { Slot_0: { ...cd, ...insertAction('bmc', 'Slot_0') } },
      targets: ['None', 'Pxe', 'Hdd', 'Cd', 'Diags', 'BiosSetup', 'Usb'],
      parts: {
        SerialConsole: { IPMI: { ServiceEnabled: true, Port: 664 }, SSH: { ServiceEnabled: true, Port: 2200 } },
        Links: { ManagedBy: [link('/redfish/v1/Managers/bmc')], Chassis: [link('/redfish/v1/Chassis/chassis')] },
      },
      more: {
        '/redfish/v1/Chassis/chassis': {
          Id: 'chassis',
          LocationIndicatorActive: false,
          Sensors: link('/redfish/v1/Chassis/chassis/Sensors'),
        },
        '/redfish/v1/Chassis/chassis/Sensors': list(
          '/redfish/v1/Chassis/chassis/Sensors/fantach_fan0',
          '/redfish/v1/Chassis/chassis/Sensors/temperature_inlet',
          '/redfish/v1/Chassis/chassis/Sensors/utilization_cpu',
        ),
        '/redfish/v1/Chassis/chassis/Sensors/fantach_fan0': {
          ...{ Id: 'fantach_fan0', Name: 'fan0', Reading: 7200, ReadingType: 'Rotational', ReadingUnits: 'RPM' },
          Status: { Health: 'OK', State: 'Enabled' },
        },
        '/redfish/v1/Chassis/chassis/Sensors/temperature_inlet': {
          ...{ Id: 'temperature_inlet', Name: 'inlet', Reading: 24.5, ReadingType: 'Temperature', ReadingUnits: 'Cel' },
          Status: { Health: 'Warning', State: 'Enabled' },
        },
        '/redfish/v1/Chassis/chassis/Sensors/utilization_cpu': {
          ...{ Id: 'utilization_cpu', Name: 'cpu', Reading: 3, ReadingType: 'Percent', ReadingUnits: '%' },
        },
      },
    }),
    refuse: (_method, _path, body) =>
      JSON.stringify(body).includes('"Continuous"')
        ? "The value 'Continuous' for the property BootSourceOverrideEnabled is not in the list of acceptable values."
        : undefined,
  },
};

export interface ServedVendor {
  readonly url: string;
  /** What was written and taken, in order. */
  readonly writes: { readonly method: string; readonly path: string; readonly body: Body }[];
  close(): void;
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return parts.length === 0 ? {} : JSON.parse(Buffer.concat(parts).toString());
}

/** Serves a vendor's answers and notes what is written; `listener` wraps them in TLS. */
export async function serveVendor(
  vendor: Vendor,
  listener: (handler: Parameters<typeof createServer>[1]) => Server = (handler) => createServer(handler ?? (() => {})),
): Promise<ServedVendor> {
  const writes: ServedVendor['writes'] = [];
  const server = listener(async (request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    const body = await bodyOf(request);
    const say = (status: number, answer?: Body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    };
    if (method === 'GET') {
      const found = vendor.resources[path];
      return found ? say(200, found) : say(404, { error: { message: `no ${path}` } });
    }
    if (path.endsWith('/Sessions')) return say(404, { error: { message: 'no sessions' } });
    const no = vendor.refuse(method, path, body);
    if (no !== undefined) return say(400, { error: { message: no } });
    writes.push({ method, path, body });
    const answer = vendor.answers?.[path];
    say(answer ? 200 : 204, answer);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return { url: `127.0.0.1:${port}`, writes, close: () => void server.close() };
}
