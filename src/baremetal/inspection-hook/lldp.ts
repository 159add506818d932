// Reads what a switch says of itself over LLDP (IEEE 802.1AB, clause 8; 802.1Q, annex D; 802.3, clause 79).

export interface Element {
  readonly type: number;
  readonly value: Buffer;
}

/** The elements as ironic-python-agent reports them: pairs of type and hexadecimal value; what is none is left out. */
export function elementsOf(lldp: unknown): Element[] {
  return (Array.isArray(lldp) ? lldp : []).flatMap((given: unknown) => {
    const [type, hex]: readonly unknown[] = Array.isArray(given) ? given : [];
    return typeof type === 'number' && typeof hex === 'string' ? [{ type, value: Buffer.from(hex, 'hex') }] : [];
  });
}

type Values = Readonly<Record<string, unknown>>;
type Reader = (value: Buffer) => Values;

/** What the elements say, under Ironic's names. An element that ends too early says nothing. */
export function parsedLldp(elements: readonly Element[]): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const { type, value } of elements) {
    const [read, rest] =
      type === 127 ? [organisations[organisationOf(value)], value.subarray(4)] : [basic[type], value];
    if (!read) continue;
    for (const [name, one] of Object.entries(readSafely(read, rest))) {
      const before = told[name];
      told[name] = Array.isArray(before) && Array.isArray(one) ? [...before, ...one] : one;
    }
  }
  return told;
}

function readSafely(read: Reader, value: Buffer): Values {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof RangeError) return {};
    throw error;
  }
}

/** A MAC address of six bytes; undefined for anything else. */
export function macOf(bytes: Buffer): string | undefined {
  return bytes.length === 6 ? [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':') : undefined;
}

const text = (value: Buffer) => value.toString('utf8');

/** Family of the address (1: IPv4, 2: IPv6), then the address. */
function addressOf(bytes: Buffer): string {
  const rest = bytes.subarray(1);
  if (bytes[0] === 1 && rest.length === 4) return [...rest].join('.');
  if (bytes[0] === 2 && rest.length === 16) return (rest.toString('hex').match(/.{4}/g) ?? []).join(':');
  return rest.toString('hex');
}

/** `macSubtype`, `addressSubtype`: the ways to name a chassis or a port that are no text. */
function identifier(value: Buffer, macSubtype: number, addressSubtype: number): string {
  const rest = value.subarray(1);
  if (value[0] === macSubtype) return macOf(rest) ?? rest.toString('hex');
  return value[0] === addressSubtype ? addressOf(rest) : text(rest);
}

const systemCapabilities = [
  'Other',
  'Repeater',
  'Bridge',
  'WLAN',
  'Router',
  'Telephone',
  'DOCSIS cable device',
  'Station only',
  'C-Vlan component',
  'S-Vlan component',
  'TPMR component',
];

/** The names of the bits that are set, the lowest bit first. */
function namesOf(bits: number, names: readonly string[]): string[] {
  return names.filter((_name, bit) => (bits & (1 << bit)) !== 0);
}

const basic: Readonly<Record<number, Reader>> = {
  1: (value) => ({ switch_chassis_id: identifier(value, 4, 5) }),
  2: (value) => ({ switch_port_id: identifier(value, 3, 4) }),
  4: (value) => ({ switch_port_description: text(value) }),
  5: (value) => ({ switch_system_name: text(value) }),
  6: (value) => ({ switch_system_description: text(value) }),
  7: (value) => ({
    switch_capabilities_support: namesOf(value.readUInt16BE(0), systemCapabilities),
    switch_capabilities_enabled: namesOf(value.readUInt16BE(2), systemCapabilities),
  }),
  8: (value) => ({ switch_mgmt_addresses: [addressOf(value.subarray(1, 1 + value.readUInt8(0)))] }),
};

function organisationOf(value: Buffer): string {
  return value.toString('hex', 0, 4);
}

/** What may be negotiated (RFC 4836, ifMauAutoNegCapabilityBits), the highest bit first. */
const negotiable = [
  'other',
  '10BASE-T hdx',
  '10BASE-T fdx',
  '100BASE-T4',
  '100BASE-TX hdx',
  '100BASE-TX fdx',
  '100BASE-T2 hdx',
  '100BASE-T2 fdx',
  'PAUSE fdx',
  'Asym PAUSE fdx',
  'Sym PAUSE fdx',
  'Asym and Sym PAUSE fdx',
  '1000BASE-X hdx',
  '1000BASE-X fdx',
  '1000BASE-T hdx',
  '1000BASE-T fdx',
];

const aggregation: Reader = (value) => ({
  switch_port_link_aggregation_support: (value.readUInt8(0) & 1) !== 0,
  switch_port_link_aggregation_enabled: (value.readUInt8(0) & 2) !== 0,
  switch_port_link_aggregation_id: value.readUInt32BE(1),
});

/** Organisation and subtype -> reader of what follows. */
const organisations: Readonly<Record<string, Reader>> = {
  '0080c201': (value) => ({ switch_port_untagged_vlan_id: value.readUInt16BE(0) }),
  '0080c202': (value) => ({
    switch_port_protocol_vlan_support: (value.readUInt8(0) & 2) !== 0,
    switch_port_protocol_vlan_enabled: (value.readUInt8(0) & 4) !== 0,
    switch_port_protocol_vlan_ids: [value.readUInt16BE(1)],
  }),
  '0080c203': (value) => ({
    switch_port_vlans: [{ id: value.readUInt16BE(0), name: text(value.subarray(3, 3 + value.readUInt8(2))) }],
  }),
  '0080c204': (value) => ({
    switch_protocol_identities: [value.toString('hex', 1, 1 + value.readUInt8(0))],
  }),
  '0080c206': (value) => ({ switch_port_management_vlan_id: value.readUInt16BE(0) }),
  '0080c207': aggregation,
  '00120f01': (value) => ({
    switch_port_autonegotiation_support: (value.readUInt8(0) & 1) !== 0,
    switch_port_autonegotiation_enabled: (value.readUInt8(0) & 2) !== 0,
    switch_port_physical_capabilities: namesOf(value.readUInt16BE(1), [...negotiable].reverse()),
    // The number of dot3MauType (RFC 4836).
    switch_port_mau_type: String(value.readUInt16BE(3)),
  }),
  '00120f03': aggregation,
  '00120f04': (value) => ({ switch_port_mtu: value.readUInt16BE(0) }),
};
