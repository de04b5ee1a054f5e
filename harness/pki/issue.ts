import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface CertificateOrder {
  readonly commonName: string;
  readonly key: KeyPair;
  /** Who signs; without it the certificate signs itself. */
  readonly issuer?: { readonly commonName: string; readonly key: KeyPair };
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly hash: 'sha1' | 'sha256';
  readonly use: 'authority' | 'server';
  /** DNS names and IP addresses of a server. */
  readonly names?: readonly string[];
}

/** One X.509 v3 certificate (RFC 5280) as PEM, signed by an RSA key. */
export function issueCertificate(order: CertificateOrder): string {
  const issuer = order.issuer ?? order;
  const algorithm = new AlgorithmIdentifier({ algorithm: RSA_SIGNATURE[order.hash], parameters: null });
  const toBeSigned = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer: nameOf(issuer.commonName),
    subject: nameOf(order.commonName),
    // Dates up to 2049 become UTCTime, whose years 50 to 99 mean 19xx: 1950-01-01 is the oldest (RFC 5280 4.1.2.5).
    validity: new Validity({ notBefore: order.notBefore, notAfter: order.notAfter }),
    subjectPublicKeyInfo: publicKeyInfo(order.key),
    extensions: new Extensions(extensionsOf(order, issuer.key)),
  });
  const signature = sign(order.hash, Buffer.from(AsnConvert.serialize(toBeSigned)), issuer.key.privateKey);
  const certificate = new Certificate({
    tbsCertificate: toBeSigned,
    signatureAlgorithm: algorithm,
    signatureValue: bytesOf(signature),
  });
  return renderPem(Buffer.from(AsnConvert.serialize(certificate)));
}

/** sha1WithRSAEncryption and sha256WithRSAEncryption (RFC 8017 appendix A.2.4); their parameters are NULL. */
const RSA_SIGNATURE = { sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11' } as const;
const COMMON_NAME = '2.5.4.3';
/** RFC 5280 appendix A.1: ub-common-name. */
const COMMON_NAME_LIMIT = 64;

/** Positive, not zero, 136 bits: within the 20 octets of RFC 5280 4.1.2.2. */
function serialNumber(): ArrayBuffer {
  return bytesOf(Buffer.concat([Buffer.from([1]), randomBytes(16)]));
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName.slice(0, COMMON_NAME_LIMIT) });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

function publicKeyInfo(key: KeyPair): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.publicKey.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo);
}

function extensionsOf(order: CertificateOrder, issuerKey: KeyPair): Extension[] {
  const authority = order.use === 'authority';
  const extensions = [
    extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: authority })),
    extension(id_ce_keyUsage, true, keyUsage(order)),
    extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier(order.key))),
    extension(
      id_ce_authorityKeyIdentifier,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuerKey)) }),
    ),
  ];
  if (!authority) extensions.push(extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_serverAuth])));
  if (order.names !== undefined && order.names.length > 0) {
    extensions.push(extension(id_ce_subjectAltName, false, new SubjectAlternativeName(order.names.map(generalName))));
  }
  return extensions;
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function keyUsage(order: CertificateOrder): KeyUsage {
  if (order.use === 'authority') return new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign);
  // keyEncipherment: without it GnuTLS refuses the RSA key exchange that old devices need.
  const rsa = order.key.publicKey.asymmetricKeyType === 'rsa' ? KeyUsageFlags.keyEncipherment : 0;
  return new KeyUsage(KeyUsageFlags.digitalSignature | rsa);
}

/** RFC 5280 4.2.1.2, method 1: SHA-1 of the subject public key's bits. */
function keyIdentifier(key: KeyPair): ArrayBuffer {
  return bytesOf(
    createHash('sha1')
      .update(Buffer.from(publicKeyInfo(key).subjectPublicKey))
      .digest(),
  );
}

function generalName(name: string): GeneralName {
  return isIP(name) === 0 ? new GeneralName({ dNSName: name }) : new GeneralName({ iPAddress: name });
}

function bytesOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function renderPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
