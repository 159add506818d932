# Modules of the initrd: what reaches a disk under virtio, NVMe, SATA, SAS or USB, or an array of such disks, as far as the kernel has them as modules.
export UNDERCLOUD_INITRD_MODULES="${UNDERCLOUD_INITRD_MODULES:-virtio_pci virtio_blk virtio_scsi nvme ahci ata_piix sd_mod megaraid_sas mpt3sas hpsa smartpqi usb_storage uas xhci_pci vmd md_mod raid1 ext4 overlay}"
