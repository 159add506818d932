"""Goes through the BMC at argv[1] with sushy, the Redfish library of OpenStack; prints what it found as JSON."""
import json
import sys
import time

import sushy
from sushy import auth

url, user, password, image, signing = sys.argv[1:6]
way = auth.SessionAuth(user, password) if signing == 'session' else auth.BasicAuth(user, password)
root = sushy.Sushy(url, auth=way, verify=False)
system = root.get_system('/redfish/v1/Systems/1')
found = {'power': [], 'name': system.name}


def until(wanted, read):
    end = time.time() + 10
    while read() != wanted:
        if time.time() > end:
            raise SystemExit(f'{read()} did not become {wanted}')
        time.sleep(0.05)


def power(kind, wanted):
    system.reset_system(kind)

    def read():
        system.refresh(force=True)
        return system.power_state

    until(wanted, read)
    found['power'].append(wanted.value)


system.set_system_boot_options(sushy.BOOT_SOURCE_TARGET_PXE, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE)
system.refresh(force=True)
found['boot'] = [system.boot.target.value, system.boot.enabled.value]
system.bios.set_attribute('ProcHyperthreading', 'Disabled')
power(sushy.RESET_TYPE_ON, sushy.POWER_STATE_ON)
power(sushy.RESET_TYPE_GRACEFUL_SHUTDOWN, sushy.POWER_STATE_OFF)
system.bios.refresh(force=True)
found['hyperthreading'] = system.bios.attributes['ProcHyperthreading']

manager = system.managers[0]
drive = manager.virtual_media.get_members()[0]
drive.insert_media(image)
drive.refresh(force=True)
found['inserted'] = drive.image
drive.eject_media()
drive.refresh(force=True)
found['ejected'] = not drive.inserted

storage = system.storage.get_members()[0]
found['drives'] = len(storage.drives)
monitor = storage.volumes.create(
    {'Name': 'mirror', 'RAIDType': 'RAID1', 'Links': {'Drives': [{'@odata.id': one.path} for one in storage.drives[:2]]}},
    apply_time=sushy.APPLY_TIME_IMMEDIATE,
)


def volumes():
    storage.volumes.refresh(force=True)
    return [volume.name for volume in storage.volumes.get_members() if volume.raid_type is not None]


until(['mirror'], volumes)
found['volumes'] = volumes()

system.secure_boot.set_enabled(True)
system.set_indicator_led(sushy.INDICATOR_LED_BLINKING)
system.refresh(force=True)
found['lamp'] = system.indicator_led.value
service = root.get_update_service()
task = service.simple_update(image.replace('cd.iso', 'bios-1.17.0.bin'))
until(False, lambda: task.check_is_processing if hasattr(task, 'check_is_processing') else task.is_processing)
system.refresh(force=True)
found['bios'] = system.bios_version
found['nics'] = list(system.ethernet_interfaces.summary)
found['processors'] = system.processors.summary.count
chassis = root.get_chassis_collection().get_members()[0]
found['temperatures'] = [one.reading_celsius for one in chassis.thermal.temperatures]
subscriptions = root.get_event_service().subscriptions
subscriptions.create({'Destination': image, 'Protocol': 'Redfish', 'Context': 'test', 'EventFormatType': 'Event'})
found['subscriptions'] = len(root.get_event_service().subscriptions.get_members())
print(json.dumps(found))
