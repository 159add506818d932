// Certificates for the calls between server and deploy agents.
export { type Certified, createAuthority, issueCertificate, selfSignedCertificate } from './certificate.ts';
