// The files that enrol the rack's machines: OpenStack's `baremetal create` form and TripleO's instackenv.
import type { MachineSpec, RackSpec } from './spec.ts';

const bytesPerGb = 1024 ** 3;

interface Driver {
  readonly driver: string;
  readonly driver_info: Readonly<Record<string, string | number>>;
}

/** How a node is driven over the Redfish face of its BMC. */
export function redfishDriver(machine: MachineSpec): Driver {
  return {
    driver: 'redfish',
    driver_info: {
      redfish_address: `http://127.0.0.1:${machine.bmc.port}`,
      redfish_system_id: '/redfish/v1/Systems/1',
      redfish_username: machine.bmc.username,
      redfish_password: machine.bmc.password,
      redfish_auth_type: 'basic',
    },
  };
}

/** How a node is driven over the IPMI face of its BMC. */
export function ipmiDriver(machine: MachineSpec): Driver {
  return {
    driver: 'ipmi',
    driver_info: {
      ipmi_address: '127.0.0.1',
      ipmi_port: machine.bmc.port,
      ipmi_username: machine.bmc.username,
      ipmi_password: machine.bmc.password,
      ipmi_cipher_suite: 3,
    },
  };
}

/** What `openstack baremetal create FILE` reads. */
export function nodesFile(spec: RackSpec, driver: (machine: MachineSpec) => Driver): unknown {
  return {
    nodes: spec.machines.map((machine) => ({
      name: machine.name,
      ...driver(machine),
      resource_class: 'baremetal',
      properties: {
        cpu_arch: 'x86_64',
        cpus: 1,
        memory_mb: machine.memoryMb,
        local_gb: Math.floor((machine.disks[0]?.sizeBytes ?? 0) / bytesPerGb),
        capabilities: `boot_mode:${machine.firmware}`,
      },
      ports: machine.nics.map((nic, index) => ({ address: nic.mac, pxe_enabled: index === 0 })),
    })),
  };
}

/** What TripleO's `openstack overcloud node import` reads. */
export function instackenv(spec: RackSpec): unknown {
  return {
    nodes: spec.machines.map((machine) => ({
      name: machine.name,
      pm_type: 'redfish',
      pm_addr: `http://127.0.0.1:${machine.bmc.port}`,
      pm_system_id: '/redfish/v1/Systems/1',
      pm_user: machine.bmc.username,
      pm_password: machine.bmc.password,
      arch: 'x86_64',
      cpu: '1',
      memory: String(machine.memoryMb),
      disk: String(Math.floor((machine.disks[0]?.sizeBytes ?? 0) / bytesPerGb)),
      capabilities: `boot_mode:${machine.firmware}`,
      ports: machine.nics.map((nic, index) => ({ address: nic.mac, pxe_enabled: index === 0 })),
    })),
  };
}
