// What iPXE is told to do.
import { expect, test } from 'vitest';
import { ipxeBootScript, ipxeEntryUrl, ipxeWaitScript } from './script.ts';

test('loads kernel and initramfs by URL, names the initramfs for UEFI, and never gives up', () => {
  const script = ipxeBootScript({
    kernelUrl: 'http://k',
    initrdUrl: 'http://i',
    cmdline: 'BOOTIF=52:54:00:00:00:01 quiet',
  });
  expect(script).toMatch(/^#!ipxe\n/);
  expect(script).toContain('kernel http://k initrd=rd BOOTIF=52:54:00:00:00:01 quiet || goto retry\n');
  expect(script).toContain('initrd --name rd http://i || goto retry\n');
  expect(script).toMatch(/:retry\n[\s\S]*goto again\n$/);
});

test('a reason cannot smuggle a command into the script', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is an iPXE variable that must not come through.
  expect(ipxeWaitScript('x\nshell || ${evil}')).not.toMatch(/\nshell|\$\{|\|\|/);
});

test('machines ask for their script by the MAC that iPXE fills in', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is iPXE's variable.
  expect(ipxeEntryUrl('http://192.168.24.1:8088')).toBe('http://192.168.24.1:8088/boot/ipxe/${mac}');
});
