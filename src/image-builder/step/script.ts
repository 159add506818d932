// The shell text that runs one step inside or outside the tree, in a mount namespace of its own.

/** Paths of a running build. */
export interface BuildPlaces {
  readonly root: string;
  readonly hooks: string;
  readonly packageCache: string;
}

/** Where the elements' files are seen from inside the tree. */
export const hooksInChroot = '/tmp/in_target.d';

const mounts = `
set -eu
T=$TARGET_ROOT
mkdir -p "$T${hooksInChroot}" "$T/proc" "$T/sys" "$T/dev" "$T/run" "$T/var/cache/apt/archives"
mount -t proc proc "$T/proc"
mount --rbind /sys "$T/sys"
mount --rbind /dev "$T/dev"
mount -t tmpfs run "$T/run"
mount --bind "$BUILD_HOOKS" "$T${hooksInChroot}"
mount --bind "$DIB_PACKAGE_CACHE" "$T/var/cache/apt/archives"
if [ -e /etc/resolv.conf ]; then
  cp -L /etc/resolv.conf "$T/run/resolv.conf"
  if [ ! -L "$T/etc/resolv.conf" ]; then : > "$T/etc/resolv.conf"; mount --bind "$T/run/resolv.conf" "$T/etc/resolv.conf"; fi
fi
`;

/** Mounts what a chroot needs and runs "$@" inside; the mounts end with the process, however it ends. */
export const enterTree = `${mounts}
exec chroot "$T" /usr/bin/env -u TARGET_ROOT -u BUILD_HOOKS "TMP_HOOKS_PATH=${hooksInChroot}" "PATH=${hooksInChroot}/bin:$PATH" "$@"
`;

/** Installs the packages of "$@" inside the tree while a policy keeps their services from starting. */
export const installPackages = `
set -eu
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d' EXIT
get() { apt-get -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io -o APT::Keep-Downloaded-Packages=true --no-install-recommends "$@"; }
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || get update
# Lists kept from an earlier layer may name packages that have left the archive since.
get install "$@" || { get update; get install "$@"; }
`;

/** Removes the packages of "$@" and what only they needed. */
export const removePackages = `
set -eu
apt-get -q -y -o Dpkg::Use-Pty=0 purge "$@"
apt-get -q -y -o Dpkg::Use-Pty=0 --purge autoremove
`;
