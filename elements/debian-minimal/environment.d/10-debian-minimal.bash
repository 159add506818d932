# What the base is made of; a caller's own value wins.
export DISTRO_NAME=debian
export DIB_RELEASE=${DIB_RELEASE:-bookworm}
export DIB_DEBIAN_KERNEL=${DIB_DEBIAN_KERNEL:-linux-image-cloud-amd64}
