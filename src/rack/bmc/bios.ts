// BIOS settings, with the pending ones beside them, and secure boot.
import { Type } from '@sinclair/typebox';
import { biosAttributes, biosDefaults, biosValueFault } from './bios-attributes.ts';
import type { Bmc } from './bmc.ts';
import { checkParameters, checkProperties } from './body.ts';
import { type ExtendedInfo, message, RedfishFault } from './messages.ts';
import { biosRegistry } from './registries.ts';
import { link, resource, system } from './resources.ts';
import { type Answer, done, ok, type RedfishRequest } from './router.ts';
import { Attributes } from './state.ts';

const path = `${system}/Bios`;

export function getBios(bmc: Bmc): Answer {
  return ok({
    ...resource(path, 'Bios.v1_1_0.Bios', 'Bios', 'BIOS settings'),
    AttributeRegistry: biosRegistry,
    Attributes: bmc.state.bios,
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_0.Settings',
      SettingsObject: link(`${path}/Settings`),
      SupportedApplyTimes: ['OnReset'],
      Messages: [],
    },
    Actions: { '#Bios.ResetBios': { target: `${path}/Actions/Bios.ResetBios` } },
  });
}

function settingsBody(bmc: Bmc): Record<string, unknown> {
  return {
    ...resource(`${path}/Settings`, 'Bios.v1_1_0.Bios', 'Settings', 'BIOS settings of the next boot'),
    AttributeRegistry: biosRegistry,
    Attributes: { ...bmc.state.bios, ...bmc.state.biosPending },
  };
}

export const getBiosSettings = (bmc: Bmc): Answer => ok(settingsBody(bmc));

const SettingsPatch = Type.Object(
  {
    Attributes: Attributes,
    '@Redfish.SettingsApplyTime': Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

function attributeMessage(name: string, value: unknown): ExtendedInfo | undefined {
  const attribute = Object.hasOwn(biosAttributes, name) ? biosAttributes[name] : undefined;
  const pointer = `#/Attributes/${name}`;
  if (!attribute) return message('PropertyUnknown', [`Attributes/${name}`], pointer);
  const wrong = biosValueFault(attribute, value);
  if (wrong === undefined) return undefined;
  return message(
    wrong === 'type' ? 'PropertyValueTypeError' : 'PropertyValueNotInList',
    [String(value), `Attributes/${name}`],
    pointer,
  );
}

/** All attributes are right, or none is taken. */
export async function patchBiosSettings(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const { Attributes: wanted } = checkProperties(SettingsPatch, request.body, settingsBody(bmc));
  const faults = Object.entries(wanted)
    .map(([name, value]) => attributeMessage(name, value))
    .filter((one) => one !== undefined);
  if (faults.length > 0) throw new RedfishFault(400, faults);
  bmc.change({ biosPending: { ...bmc.state.biosPending, ...wanted } });
  return ok(settingsBody(bmc));
}

export async function resetBios(bmc: Bmc): Promise<Answer> {
  bmc.change({ biosPending: biosDefaults() });
  return done;
}

const secureBootPath = `${system}/SecureBoot`;

function secureBootBody(bmc: Bmc): Record<string, unknown> {
  const { secureBoot, boot } = bmc.state;
  return {
    ...resource(secureBootPath, 'SecureBoot.v1_1_0.SecureBoot', 'SecureBoot', 'UEFI Secure Boot'),
    SecureBootEnable: secureBoot.wanted,
    SecureBootCurrentBoot: secureBoot.current ? 'Enabled' : 'Disabled',
    SecureBootMode: boot.mode === 'UEFI' && secureBoot.keys !== 'none' ? 'UserMode' : 'SetupMode',
    Actions: {
      '#SecureBoot.ResetKeys': {
        target: `${secureBootPath}/Actions/SecureBoot.ResetKeys`,
        'ResetKeysType@Redfish.AllowableValues': ['ResetAllKeysToDefault', 'DeleteAllKeys', 'DeletePK'],
      },
    },
  };
}

export const getSecureBoot = (bmc: Bmc): Answer => ok(secureBootBody(bmc));

const SecureBootPatch = Type.Object({ SecureBootEnable: Type.Boolean() }, { additionalProperties: false });

const ResetKeys = Type.Object(
  { ResetKeysType: Type.Union(['ResetAllKeysToDefault', 'DeleteAllKeys', 'DeletePK'].map((one) => Type.Literal(one))) },
  { additionalProperties: false },
);

/** Without its platform key a machine is in setup mode, whatever other keys it has. */
export async function resetSecureBootKeys(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const { ResetKeysType } = checkParameters(ResetKeys, request.body, 'SecureBoot.ResetKeys');
  const keys = ResetKeysType === 'ResetAllKeysToDefault' ? 'default' : 'none';
  bmc.change({ secureBoot: { ...bmc.state.secureBoot, keys } });
  return done;
}

export async function patchSecureBoot(bmc: Bmc, request: RedfishRequest): Promise<Answer> {
  const { SecureBootEnable } = checkProperties(SecureBootPatch, request.body, secureBootBody(bmc));
  bmc.change({ secureBoot: { ...bmc.state.secureBoot, wanted: SecureBootEnable } });
  return ok(secureBootBody(bmc));
}
