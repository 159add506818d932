// What machines call on the provisioning network, without tokens of ours: lookup, heartbeat, inspection results, boot files.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ipxeBootScript, ipxeWaitScript } from '../../boot/ipxe/index.ts';
import { type Answer, type ApiRequest, empty, json, stream } from '../../openstack/index.ts';
import { meet, unknownMachine } from '../discovery/discovery.ts';
import { isUuid, macAddress } from '../document/names.ts';
import { errors } from '../errors.ts';
import { keepReport } from '../inspection-hook/keep.ts';
import { macsOf, sentReport } from '../inspection-hook/report.ts';
import { seekNode } from '../node/find.ts';
import { kindOf } from '../node/states.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { fastTracks } from '../work/fast-track.ts';
import { bootImages, bootIso, kernelCommandLine } from './boot-files.ts';
import { heartbeatHandler } from './heartbeat.ts';

/** Does a ramdisk belong on this node now? Only then is it told who it is, or started at all. */
function expectsRamdisk(node: NodeRow): boolean {
  const kind = kindOf(node.provision_state);
  return kind === 'working' || kind === 'waiting' || node.provision_state === 'rescue';
}

/** Is the node told to a machine that asks who it is? With fast track its ramdisk runs on while the node rests. */
function answersLookup(parts: Parts, node: NodeRow): boolean {
  if (!parts.config.restrictLookup || expectsRamdisk(node)) return true;
  return fastTracks(parts, node) && restingStates.some((state) => state === node.provision_state);
}

const restingStates = ['enroll', 'manageable', 'available'] as const;

export function machineHandlers(parts: Parts) {
  const { database } = parts;

  async function nodeByAddresses(addresses: readonly string[]): Promise<NodeRow | undefined> {
    if (addresses.length === 0) return undefined;
    const found = await tables(database)
      .selectFrom('baremetal_ports')
      .select('node_uuid')
      .distinct()
      .where('address', 'in', [...addresses])
      .execute();
    const [only] = found;
    // NICs of two nodes in one machine: somebody moved a card, and guessing would write to the wrong disk.
    return found.length === 1 && only ? seekNode(database, only.node_uuid) : undefined;
  }

  const unknown = (macs: readonly string[]) => database.transaction().execute((tx) => unknownMachine(tx, macs));

  async function lookup({ search, context }: ApiRequest): Promise<Answer> {
    const uuid = search.get('node_uuid');
    const addresses = (search.get('addresses') ?? '')
      .split(',')
      .filter((text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text.trim()));
    if (uuid !== null && !isUuid(uuid)) throw errors.Invalid(`Expected UUID for node_uuid: ${uuid}`);
    if (uuid === null && addresses.length === 0) throw errors.IncompleteLookup();
    const node =
      uuid !== null
        ? await seekNode(database, uuid)
        : await nodeByAddresses(addresses.map((mac) => macAddress(mac.trim().replaceAll('-', ':'))));
    if (!node || !answersLookup(parts, node)) throw errors.LookupFailed();
    const token = await handOutToken(node);
    return json({
      node: {
        uuid: node.uuid,
        properties: node.properties,
        // A stock agent chooses the disk by these; all else of an instance is not for whoever asks.
        instance_info: pick(node.instance_info, 'root_device'),
        driver_internal_info: {},
        links: [{ href: `${context.baseUrl}/v1/nodes/${node.uuid}`, rel: 'self' }],
      },
      config: {
        heartbeat_timeout: Math.round(parts.config.heartbeatTimeoutMs / 1000),
        agent_token: token,
        agent_token_required: true,
        disable_deep_image_inspection: false,
        permitted_image_formats: ['raw', 'gpt', 'qcow2', 'iso'],
        metrics: {
          backend: 'noop',
          prepend_host: false,
          prepend_uuid: false,
          prepend_host_reverse: true,
          global_prefix: null,
        },
        metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
      },
    });
  }

  /** A token is told once: a second asker may be somebody else on the network. */
  async function handOutToken(node: NodeRow): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const made = await tables(database)
      .insertInto('baremetal_agents')
      .values({ node_uuid: node.uuid, token: parts.sealer.seal(token, node.uuid) })
      .onConflict((conflict) => conflict.column('node_uuid').doNothing())
      .executeTakeFirst();
    return made.numInsertedOrUpdatedRows === 1n ? token : '******';
  }

  async function continueInspection({ body }: ApiRequest): Promise<Answer> {
    const report = sentReport(body);
    const macs = macsOf(report);
    const node = await nodeByAddresses(macs);
    if (!node && parts.config.discovery.mode !== 'off' && (await unknown(macs))) {
      return json({ uuid: await database.transaction().execute((tx) => meet(parts, tx, report)) }, 202);
    }
    if (!node || (node.provision_state !== 'inspect wait' && node.provision_state !== 'inspecting'))
      throw errors.LookupFailed();
    // What is derived from it is, when the operation comes to it.
    await database.transaction().execute((tx) => keepReport(tx, node.uuid, { report, pluginData: {} }));
    return json({ uuid: node.uuid }, 202);
  }

  async function ipxe({ params }: ApiRequest): Promise<Answer> {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const mac = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(params.mac ?? '')
      ? macAddress((params.mac ?? '').replaceAll('-', ':'))
      : undefined;
    const node = mac === undefined ? undefined : await nodeByAddresses([mac]);
    const meets = mac !== undefined && !node && parts.config.discovery.mode !== 'off' && (await unknown([mac]));
    if (mac === undefined || (!node && !meets))
      return { status: 200, headers, body: ipxeWaitScript('this machine is not enrolled') };
    if (node && !expectsRamdisk(node))
      return { status: 200, headers, body: ipxeWaitScript(`node ${node.uuid} is ${node.provision_state}`) };
    const images = await bootImages(parts, node);
    const base = `${parts.boot.machinesUrl}/boot/files`;
    const script = ipxeBootScript({
      kernelUrl: `${base}/${images.kernelName}`,
      initrdUrl: `${base}/${images.ramdiskName}`,
      cmdline: kernelCommandLine(parts, node, mac),
    });
    return { status: 200, headers, body: script };
  }

  async function bootFile(request: ApiRequest): Promise<Answer> {
    return file(join(parts.boot.cacheFolder, basename(request.params.file ?? '')), request);
  }

  async function media(request: ApiRequest): Promise<Answer> {
    const uuid = (request.params.file ?? '').replace(/\.iso$/, '');
    const node = isUuid(uuid) ? await seekNode(database, uuid) : undefined;
    if (!node || !expectsRamdisk(node)) throw errors.NotFound();
    return file(await bootIso(parts, node), request);
  }

  return { lookup, heartbeat: heartbeatHandler(parts), continueInspection, ipxe, bootFile, media };
}

/** A file, whole or the range asked for (RFC 9110, 14): BMCs read an ISO in pieces. */
async function file(path: string, request: ApiRequest): Promise<Answer> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw errors.NotFound();
  const headers = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'last-modified': found.mtime.toUTCString(),
  };
  const asked = /^bytes=(\d*)-(\d*)$/.exec(String(request.headers.range ?? ''));
  if (!asked || (asked[1] === '' && asked[2] === '')) {
    return stream(createReadStream(path), { ...headers, 'content-length': String(found.size) });
  }
  const start = asked[1] === '' ? Math.max(0, found.size - Number(asked[2])) : Number(asked[1]);
  const end = asked[1] === '' || asked[2] === '' ? found.size - 1 : Math.min(found.size - 1, Number(asked[2]));
  if (start > end) return empty(416, { 'content-range': `bytes */${found.size}` });
  return stream(
    createReadStream(path, { start, end }),
    { ...headers, 'content-length': String(end - start + 1), 'content-range': `bytes ${start}-${end}/${found.size}` },
    206,
  );
}

function pick(object: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  return object[key] === undefined ? {} : { [key]: object[key] };
}
