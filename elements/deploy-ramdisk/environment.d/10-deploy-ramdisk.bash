# What goes into the ramdisk beside busybox, Node and the agent; a name this kernel or tree lacks is left out.
export UNDERCLOUD_RAMDISK_PROGRAMS="node zstd kexec sfdisk mkfs.ext4 mkfs.vfat e2fsck resize2fs blkid wipefs blkdiscard lsblk mcopy dropbear hdparm nvme mdadm ipmitool ${UNDERCLOUD_RAMDISK_PROGRAMS:-}"
export UNDERCLOUD_RAMDISK_MODULES="virtio_pci virtio_blk virtio_net virtio_scsi nvme ahci ata_piix sd_mod sr_mod megaraid_sas mpt3sas hpsa smartpqi usb_storage uas xhci_pci vmd e1000 e1000e igb igc ixgbe i40e ice bnxt_en bnx2x tg3 mlx4_en mlx5_core ena vmxnet3 8021q bonding ext4 vfat nls_ascii nls_cp437 isofs ipmi_si ipmi_devintf md_mod raid0 raid1 raid10 raid456 macvtap ${UNDERCLOUD_RAMDISK_MODULES:-}"
# The builder's own Node goes in when it needs nothing but the C and C++ libraries; else Debian's.
if [ -z "${UNDERCLOUD_RAMDISK_NODE:-}" ]; then
  UNDERCLOUD_RAMDISK_NODE=given
  if ! ldd "$UNDERCLOUD_NODE" >/dev/null 2>&1 || ldd "$UNDERCLOUD_NODE" | grep -qvE '^\s*(linux-vdso|libdl|libstdc\+\+|libm|libgcc_s|libpthread|libc|/lib64/ld-linux)[-.]'; then
    UNDERCLOUD_RAMDISK_NODE=debian
  fi
fi
export UNDERCLOUD_RAMDISK_NODE
