// The chassis: what the machine stands in, its power draw and temperatures.
import { Type } from '@sinclair/typebox';
import type { Bmc } from './bmc.ts';
import { checkProperties } from './body.ts';
import { bmcPath, chassis, healthy, link, links, resource, system } from './resources.ts';
import { type Answer, ok, type RedfishRequest } from './router.ts';
import { Indicator } from './state.ts';

function chassisBody(bmc: Bmc): Record<string, unknown> {
  return {
    ...resource(chassis, 'Chassis.v1_14_0.Chassis', '1', `${bmc.spec.name} chassis`),
    ChassisType: 'RackMount',
    Manufacturer: 'Undercloud',
    Model: 'Virtual rack unit',
    SerialNumber: bmc.spec.serial,
    PowerState: bmc.machine.power(),
    IndicatorLED: bmc.state.indicator,
    Status: healthy,
    Power: link(`${chassis}/Power`),
    Thermal: link(`${chassis}/Thermal`),
    Links: { ComputerSystems: links([system]), ManagedBy: links([bmcPath]) },
  };
}

export const getChassis = (bmc: Bmc): Answer => ok(chassisBody(bmc));

const ChassisPatch = Type.Object({ IndicatorLED: Indicator }, { additionalProperties: false });

/** A machine has one lamp, shown by its system and by its chassis. */
export function patchChassis(bmc: Bmc, request: RedfishRequest): Answer {
  const { IndicatorLED } = checkProperties(ChassisPatch, request.body, chassisBody(bmc));
  bmc.change({ indicator: IndicatorLED });
  return ok(chassisBody(bmc));
}

const idleWatts = 12;
const busyWatts = 140;

export function getPower(bmc: Bmc): Answer {
  const watts = bmc.machine.power() === 'Off' ? idleWatts : busyWatts;
  return ok({
    ...resource(`${chassis}/Power`, 'Power.v1_6_0.Power', 'Power', 'Power'),
    PowerControl: [
      {
        '@odata.id': `${chassis}/Power#/PowerControl/0`,
        MemberId: '0',
        Name: 'System power',
        PowerConsumedWatts: watts,
        PowerCapacityWatts: 500,
        Status: healthy,
      },
    ],
    PowerSupplies: [
      {
        '@odata.id': `${chassis}/Power#/PowerSupplies/0`,
        MemberId: '0',
        Name: 'PSU1',
        LastPowerOutputWatts: watts,
        PowerCapacityWatts: 500,
        LineInputVoltage: 230,
        Status: healthy,
      },
    ],
    Voltages: [
      {
        '@odata.id': `${chassis}/Power#/Voltages/0`,
        MemberId: '0',
        Name: '12V',
        ReadingVolts: 12.1,
        UpperThresholdCritical: 13,
        LowerThresholdCritical: 11,
        Status: healthy,
      },
    ],
  });
}

export function getThermal(bmc: Bmc): Answer {
  const on = bmc.machine.power() !== 'Off';
  return ok({
    ...resource(`${chassis}/Thermal`, 'Thermal.v1_6_0.Thermal', 'Thermal', 'Thermal'),
    Temperatures: [
      {
        '@odata.id': `${chassis}/Thermal#/Temperatures/0`,
        MemberId: '0',
        Name: 'CPU',
        PhysicalContext: 'CPU',
        ReadingCelsius: on ? 46 : 22,
        UpperThresholdCritical: 95,
        Status: healthy,
      },
      {
        '@odata.id': `${chassis}/Thermal#/Temperatures/1`,
        MemberId: '1',
        Name: 'Inlet',
        PhysicalContext: 'Intake',
        ReadingCelsius: 22,
        UpperThresholdCritical: 45,
        Status: healthy,
      },
    ],
    Fans: [
      {
        '@odata.id': `${chassis}/Thermal#/Fans/0`,
        MemberId: '0',
        Name: 'Fan 1',
        Reading: on ? 4200 : 0,
        ReadingUnits: 'RPM',
        Status: healthy,
      },
    ],
  });
}
