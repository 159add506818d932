// The public face: the messages between server and agents, the config drive and the names both sides use.

export { type Certified, createAuthority, issueCertificate } from './certificate/index.ts';
export { buildConfigDrive, configDriveLabel, unpackConfigDrive } from './config-drive/contents.ts';
export { isoLabel, readIso } from './config-drive/read-iso.ts';
export { chooseRootDisk } from './deploy/root-device.ts';
export { canonicalJson, configurationDigest } from './digest.ts';
export * from './protocol.ts';
export { agentVersion, protocolOf, protocolVersion } from './version.ts';
