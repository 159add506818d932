"""Reads each resource of the BMC at argv[1] that sushy knows and takes the actions it has for them; prints what came of it as JSON."""
import json
import sys
import time

import sushy
from sushy import auth

url, user, password, images = sys.argv[1:5]
root = sushy.Sushy(url, auth=auth.SessionAuth(user, password), verify=False)
found = {}


def name(value):
    """Enumerations by their Redfish name, lists of them likewise."""
    if isinstance(value, (list, tuple)):
        return sorted(name(one) for one in value)
    if isinstance(value, set):
        return sorted(name(one) for one in value)
    return getattr(value, 'value', value)


def until(what, wanted, read):
    end = time.time() + 10
    while read() != wanted:
        if time.time() > end:
            raise SystemExit(f'{what} is {read()}, not {wanted}')
        time.sleep(0.05)


def again(resource):
    resource.refresh(force=True)
    return resource


system = root.get_system()
manager = root.get_manager()
chassis = root.get_chassis()
found['system'] = {
    'uuid': system.uuid, 'serial': system.serial_number, 'vendor': system.manufacturer, 'state': name(system.status.state),
    'memory': system.memory_summary.size_gib, 'resets': name(system.get_allowed_reset_system_values()),
    'boot targets': name(system.get_allowed_system_boot_source_values()), 'modes': name(system.boot.mode),
    'managers': [one.identity for one in system.managers], 'chassis': [one.identity for one in system.chassis],
}
found['manager'] = {
    'type': name(manager.manager_type), 'firmware': manager.firmware_version, 'resets': name(manager.get_allowed_reset_manager_values()),
    'systems': [one.identity for one in manager.systems], 'chassis': [one.identity for one in manager.chassis],
}
found['chassis'] = {
    'type': name(chassis.chassis_type), 'power': name(chassis.power_state),
    'systems': [one.identity for one in chassis.systems], 'managers': [one.identity for one in chassis.managers],
}
chassis.set_indicator_led(sushy.INDICATOR_LED_LIT)
found['chassis']['lamp'] = name(again(chassis).indicator_led)

# Power and temperatures.
supply = chassis.power.power_supplies[0]
found['power'] = {'watts': supply.last_power_output_watts, 'capacity': supply.power_capacity_watts}
found['fans'] = [(one.name, one.reading) for one in chassis.thermal.fans]

# Processors and NICs.
cpu = system.processors.get_members()[0]
found['cpu'] = [name(cpu.processor_architecture), name(cpu.instruction_set), cpu.total_threads]
nic = system.ethernet_interfaces.get_members()[0]
found['nic'] = [nic.mac_address, name(nic.status.health)]

# Disks and arrays.
storage = system.storage.get_members()[0]
drive = storage.drives[0]
found['drive'] = [drive.capacity_bytes, name(drive.media_type), name(drive.protocol), drive.serial_number]
found['largest'] = [system.storage.max_drive_size_bytes, storage.drives_max_size_bytes == drive.capacity_bytes]
found['controllers'] = [one.name for one in storage.storage_controllers]
links = [{'@odata.id': one.path} for one in storage.drives[:2]]
storage.volumes.create({'Name': 'stripe', 'RAIDType': 'RAID0', 'Links': {'Drives': links}}, apply_time=sushy.APPLY_TIME_IMMEDIATE)


def array():
    # From the root on: sushy keeps the members that it has read, and looks for them though they are gone.
    volumes = root.get_system().storage.get_members()[0].volumes
    return next((one for one in volumes.get_members() if one.name == 'stripe'), None)


until('the array', True, lambda: array() is not None)
volume = array()
found['array'] = [name(volume.raid_type), volume.capacity_bytes, root.get_system().storage.max_volume_size_bytes]
volume.delete()
until('the array', None, array)

# BIOS: what waits for the restart, and back to the factory's. (Debian's sushy comes without the registries that it would load first.)
bios = system.bios
bios.set_attributes({'ProcHyperthreading': 'Disabled'})
found['bios'] = {'pending': again(bios).pending_attributes.get('ProcHyperthreading'), 'now': bios.attributes['ProcHyperthreading']}
bios.reset_bios()
found['bios']['after reset'] = again(bios).pending_attributes.get('ProcHyperthreading')

# Secure boot.
system.secure_boot.set_enabled(True)
found['secure boot'] = [again(system.secure_boot).enabled, name(system.secure_boot.current_boot)]

# Virtual media: with a write protection and a transfer method, then out.
media = manager.virtual_media.get_members()[0]
media.insert_media(f'{images}/cd.iso', inserted=True, write_protected=True, transfer_method='Upload')
found['media'] = [again(media).image_name, media.inserted, media.write_protected, name(media.media_types), name(media.connected_via)]
media.eject_media()
found['media'].append(again(media).inserted)

# Firmware: a good image and one that is none, each by its task.
updates = root.get_update_service()
found['firmware'] = {one.identity: one.version for one in updates.firmware_inventory.get_members()}


def finished(image):
    monitor = updates.simple_update(f'{images}/{image}')
    until(f'the task of {image}', False, lambda: monitor.check_is_processing)
    return monitor.response.status_code


found['update'] = [finished('bios-1.17.0.bin'), finished('nonsense.bin')]
found['tasks'] = sorted([name(one.task_state), one.messages[0].message_id] for one in root.get_task_service().tasks.get_members())

# Events.
events = root.get_event_service()
made = events.subscriptions.create({'Destination': f'{images}/events', 'Protocol': 'Redfish', 'Context': 'c', 'EventFormatType': 'Event'})
subscription = again(events.subscriptions).get_members()[0]
found['subscription'] = [subscription.destination, subscription.context, name(subscription.protocol)]
events.submit_test_event('1', '2026-01-01T00:00:00Z', 'Alert', 'a test', [], 'Base.1.0.Success', '/redfish/v1/Systems/1', 'OK')
subscription.delete()
found['subscriptions left'] = len(root.get_event_service().subscriptions.members_identities)

# Sessions: one more is opened and closed.
sessions = root.get_session_service()
key, path = sessions.create_session(user, password)
found['sessions'] = [len(root.get_session_service().sessions.members_identities), bool(key)]
sessions.close_session(path)
found['sessions'].append(len(root.get_session_service().sessions.members_identities))

# The BMC restarts: sushy signs in again by itself.
manager.reset_manager(sushy.RESET_MANAGER_GRACEFUL_RESTART)
found['after restart'] = again(system).identity
print(json.dumps(found))
