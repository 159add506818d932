// Every path the BMC answers, on one page.
import {
  getBios,
  getBiosSettings,
  getSecureBoot,
  patchBiosSettings,
  patchSecureBoot,
  resetBios,
  resetSecureBootKeys,
} from './bios.ts';
import { getChassis, getPower, getThermal, patchChassis } from './chassis.ts';
import {
  getEventService,
  getSubscription,
  listSubscriptions,
  subscribe,
  testEvent,
  unsubscribe,
} from './event-service.ts';
import {
  getDrive,
  getInterface,
  getMemory,
  getProcessor,
  getStorage,
  listInterfaces,
  listMemory,
  listProcessors,
  listStorage,
} from './inventory.ts';
import { ejectMedia, getManager, getMedia, insertMedia, listMedia, patchManager, resetManager } from './manager.ts';
import { getRegistry, getRegistryFile, listRegistries } from './registries.ts';
import type { Handler, Method, Route } from './router.ts';
import { chassisList, managers, odata, serviceRoot, systems, versions } from './service-root.ts';
import {
  closeSession,
  getAccount,
  getAccountService,
  getRole,
  getSession,
  getSessionService,
  listAccounts,
  listRoles,
  listSessions,
  openSession,
} from './session-service.ts';
import { getBootOption, getSystem, listBootOptions, patchSystem, resetSystem } from './system.ts';
import { deleteTask, getTask, getTaskMonitor, getTaskService, listTasks } from './tasks.ts';
import { getFirmware, getUpdateService, listFirmware, simpleUpdate } from './update-service.ts';
import { createVolume, deleteVolume, getVolume, listVolumes } from './volumes.ts';

const open = (method: Method, path: string, handler: Handler): Route => ({ method, path, access: 'open', handler });
const login = (method: Method, path: string, handler: Handler): Route => ({
  method,
  path: `/redfish/v1${path}`,
  access: 'login',
  handler,
});

export const routes: readonly Route[] = [
  open('GET', '/redfish', versions),
  open('GET', '/redfish/v1', serviceRoot),
  open('GET', '/redfish/v1/odata', odata),
  open('POST', '/redfish/v1/SessionService/Sessions', openSession),

  login('GET', '/SessionService', getSessionService),
  login('GET', '/SessionService/Sessions', listSessions),
  login('GET', '/SessionService/Sessions/{id}', getSession),
  login('DELETE', '/SessionService/Sessions/{id}', closeSession),
  login('GET', '/AccountService', getAccountService),
  login('GET', '/AccountService/Accounts', listAccounts),
  login('GET', '/AccountService/Accounts/{id}', getAccount),
  login('GET', '/AccountService/Roles', listRoles),
  login('GET', '/AccountService/Roles/{id}', getRole),

  login('GET', '/Systems', systems),
  login('GET', '/Systems/1', getSystem),
  login('PATCH', '/Systems/1', patchSystem),
  login('POST', '/Systems/1/Actions/ComputerSystem.Reset', resetSystem),
  login('GET', '/Systems/1/BootOptions', listBootOptions),
  login('GET', '/Systems/1/BootOptions/{id}', getBootOption),
  login('GET', '/Systems/1/Bios', getBios),
  login('GET', '/Systems/1/Bios/Settings', getBiosSettings),
  login('PATCH', '/Systems/1/Bios/Settings', patchBiosSettings),
  login('POST', '/Systems/1/Bios/Actions/Bios.ResetBios', resetBios),
  login('GET', '/Systems/1/SecureBoot', getSecureBoot),
  login('PATCH', '/Systems/1/SecureBoot', patchSecureBoot),
  login('POST', '/Systems/1/SecureBoot/Actions/SecureBoot.ResetKeys', resetSecureBootKeys),
  login('GET', '/Systems/1/Processors', listProcessors),
  login('GET', '/Systems/1/Processors/{id}', getProcessor),
  login('GET', '/Systems/1/Memory', listMemory),
  login('GET', '/Systems/1/Memory/{id}', getMemory),
  login('GET', '/Systems/1/EthernetInterfaces', listInterfaces),
  login('GET', '/Systems/1/EthernetInterfaces/{id}', getInterface),
  login('GET', '/Systems/1/Storage', listStorage),
  login('GET', '/Systems/1/Storage/{id}', getStorage),
  login('GET', '/Systems/1/Storage/{id}/Drives/{disk}', getDrive),
  login('GET', '/Systems/1/Storage/{id}/Volumes', listVolumes),
  login('POST', '/Systems/1/Storage/{id}/Volumes', createVolume),
  login('GET', '/Systems/1/Storage/{id}/Volumes/{disk}', getVolume),
  login('DELETE', '/Systems/1/Storage/{id}/Volumes/{disk}', deleteVolume),

  login('GET', '/Chassis', chassisList),
  login('GET', '/Chassis/1', getChassis),
  login('PATCH', '/Chassis/1', patchChassis),
  login('GET', '/Chassis/1/Power', getPower),
  login('GET', '/Chassis/1/Thermal', getThermal),

  login('GET', '/Managers', managers),
  login('GET', '/Managers/BMC', getManager),
  login('PATCH', '/Managers/BMC', patchManager),
  login('POST', '/Managers/BMC/Actions/Manager.Reset', resetManager),
  login('GET', '/Managers/BMC/VirtualMedia', listMedia),
  login('GET', '/Managers/BMC/VirtualMedia/{id}', getMedia),
  login('POST', '/Managers/BMC/VirtualMedia/{id}/Actions/VirtualMedia.InsertMedia', insertMedia),
  login('POST', '/Managers/BMC/VirtualMedia/{id}/Actions/VirtualMedia.EjectMedia', ejectMedia),

  login('GET', '/EventService', getEventService),
  login('GET', '/EventService/Subscriptions', listSubscriptions),
  login('POST', '/EventService/Subscriptions', subscribe),
  login('GET', '/EventService/Subscriptions/{id}', getSubscription),
  login('DELETE', '/EventService/Subscriptions/{id}', unsubscribe),
  login('POST', '/EventService/Actions/EventService.SubmitTestEvent', testEvent),
  login('GET', '/TaskService', getTaskService),
  login('GET', '/TaskService/Tasks', listTasks),
  login('GET', '/TaskService/Tasks/{id}', getTask),
  login('DELETE', '/TaskService/Tasks/{id}', deleteTask),
  login('GET', '/TaskService/TaskMonitors/{id}', getTaskMonitor),
  login('GET', '/UpdateService', getUpdateService),
  login('GET', '/UpdateService/FirmwareInventory', listFirmware),
  login('GET', '/UpdateService/FirmwareInventory/{id}', getFirmware),
  login('POST', '/UpdateService/Actions/UpdateService.SimpleUpdate', simpleUpdate),
  login('GET', '/Registries', listRegistries),
  login('GET', '/Registries/{id}', getRegistryFile),
  login('GET', '/Registries/{id}/registry', getRegistry),
];
