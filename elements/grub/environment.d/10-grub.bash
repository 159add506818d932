# The base keeps the tools that make an initramfs.
export UNDERCLOUD_INITRAMFS=debian
