# Before deploy-ramdisk's own, which appends this to its list.
export UNDERCLOUD_RAMDISK_PROGRAMS="stress-ng fio ${UNDERCLOUD_RAMDISK_PROGRAMS:-}"
