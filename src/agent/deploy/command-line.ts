// The kernel command line: where a ramdisk learns its server, its boot interface and its options.
import { truthOf } from '../parse.ts';
import type { DeployAgentOptions } from './agent.ts';

/** Words `key=value` and bare words (with an empty value); the last of equal keys wins. Quotes keep spaces together. */
export function parseCommandLine(line: string): ReadonlyMap<string, string> {
  const words = line.trim().match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return new Map(
    words.map((word) => {
      const [key = '', ...rest] = word.replaceAll('"', '').split('=');
      return [key, rest.join('=')] as const;
    }),
  );
}

/** The MAC in BOOTIF, which PXE loaders write as `01-aa-bb-cc-dd-ee-ff` and iPXE also as a plain MAC. */
export function bootMac(words: ReadonlyMap<string, string>): string | undefined {
  const value = words.get('BOOTIF')?.toLowerCase().replaceAll('-', ':');
  return value && (/^(?:[0-9a-f]{2}:)?((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/.exec(value)?.[1] ?? undefined);
}

/** PEM of the server's authority, from `undercloud.ca=`: its DER in base64, short enough for every loader's command line. */
export function authorityOf(words: ReadonlyMap<string, string>): string | undefined {
  const base64 = words.get('undercloud.ca');
  if (!base64) return undefined;
  // An empty line, as after a last one of just 64, would end the certificate for OpenSSL.
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** What the words tell an agent; undefined where they name no server to ask. */
export function agentOptionsOf(
  words: ReadonlyMap<string, string>,
):
  | Pick<
      DeployAgentOptions,
      'apiUrl' | 'authority' | 'insecure' | 'nodeUuid' | 'token' | 'inspectionUrl' | 'bootInterface' | 'advertiseHost'
    >
  | undefined {
  const apiUrl = words.get('ipa-api-url')?.replace(/\/+$/, '');
  if (!apiUrl) return undefined;
  return {
    apiUrl,
    authority: authorityOf(words),
    insecure: flag(words, 'ipa-insecure'),
    advertiseHost: words.get('ipa-advertise-host'),
    nodeUuid: words.get('ipa-node-uuid'),
    token: words.get('ipa-agent-token'),
    inspectionUrl: words.get('ipa-inspection-callback-url'),
    bootInterface: bootMac(words),
  };
}

/** Whether a word is there with a value that means yes. */
export function flag(words: ReadonlyMap<string, string>, name: string): boolean {
  return truthOf({ [name]: words.get(name) }, name);
}
