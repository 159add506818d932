// The files OpenIPMI's ipmi_sim reads to be the IPMI face of one BMC.
import type { MachineSpec } from '../spec.ts';
import { sensorRecord, sensors } from './sensors.ts';

/**
 * ipmi_sim's lan.conf: one LAN channel on the UDP port of the same number as the BMC's TCP port. `serialPort`: the TCP port on loopback
 * where its serial line is.
 */
export function lanFile(machine: MachineSpec, chassisScript: string, serialPort: number): string {
  const { port, username, password } = machine.bmc;
  const ways = 'md5 straight';
  return [
    `name "${machine.name}"`,
    'set_working_mc 0x20',
    '  startlan 1',
    `    addr 127.0.0.1 ${port}`,
    '    priv_limit admin',
    ...['callback', 'user', 'operator', 'admin'].map((level) => `    allowed_auths_${level} ${ways}`),
    `    guid ${machine.uuid.replaceAll('-', '')}`,
    '  endlan',
    `  sol "tcp:127.0.0.1:${serialPort}" 115200`,
    `  chassis_control "${chassisScript}"`,
    `  user 2 true "${username}" "${password}" admin 10 ${ways}`,
    '',
  ].join('\n');
}

/** ipmi_sim's commands: one management controller that is a BMC with an event log and the sensors whose readings do not change. */
export const emulatorFile = [
  'mc_setbmc 0x20',
  'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02',
  'sel_enable 0x20 1000 0x0a',
  ...sensors.flatMap((sensor, index) => [
    `sensor_add 0x20 0 ${index + 1} ${sensor.type} 1`,
    `sensor_set_event_support 0x20 0 ${index + 1} disable scanning none ${Array(4).fill('0'.repeat(15)).join(' ')}`,
    `sensor_set_value 0x20 0 ${index + 1} ${sensor.raw} 0`,
    `main_sdr_add 0x20 ${[...sensorRecord(index + 1, sensor)].join(' ')}`,
  ]),
  'mc_enable 0x20',
  '',
].join('\n');

/**
 * What ipmi_sim runs to read and set power and boot device (`get WHAT...` or `set WHAT VALUE ...`): it asks the same
 * machine's Redfish face, so that both show one truth. bash alone, for its /dev/tcp.
 */
export function chassisScript(machine: MachineSpec): string {
  const basic = Buffer.from(`${machine.bmc.username}:${machine.bmc.password}`).toString('base64');
  return `#!/bin/bash
call() { # METHOD PATH BODY
  exec 3<>/dev/tcp/127.0.0.1/${machine.bmc.port} || exit 1
  printf '%s /redfish/v1/Systems/1%s HTTP/1.0\\r\\nAuthorization: Basic ${basic}\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' "$1" "$2" "\${#3}" "$3" >&3
  answer=$(cat <&3); exec 3>&-
  [[ $answer == HTTP/1.?\\ 2* ]] || exit 1
}
value() { [[ $answer =~ \\"$1\\":\\"([A-Za-z]*)\\" ]] && echo "\${BASH_REMATCH[1]}"; }
reset() { call POST /Actions/ComputerSystem.Reset "{\\"ResetType\\":\\"$1\\"}"; }
boot() { call PATCH '' "{\\"Boot\\":{\\"BootSourceOverrideTarget\\":\\"$1\\",\\"BootSourceOverrideEnabled\\":\\"$2\\"}}"; }
verb=$1; shift
if [ "$verb" = get ]; then
  call GET '' ''
  for what; do case $what in
    power) case $(value PowerState) in On|PoweringOn) echo power:1;; *) echo power:0;; esac;;
    boot) case $(value BootSourceOverrideTarget) in Pxe) echo boot:pxe;; Cd) echo boot:cdrom;; Hdd) echo boot:default;; *) echo boot:none;; esac;;
  esac; done
  exit 0
fi
while [ $# -gt 0 ]; do
  case "$1 $2" in
    'power 1') reset On;;
    'power 0') reset ForceOff;;
    reset*) reset ForceRestart;;
    shutdown*) reset GracefulShutdown;;
    'boot pxe') boot Pxe Once;;
    'boot cdrom') boot Cd Once;;
    'boot default') boot Hdd Once;;
    'boot none') boot None Disabled;;
    identify*) shift;;
    *) exit 1;;
  esac
  shift 2
done
`;
}
