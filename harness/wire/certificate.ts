import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../vocabulary/evidence.ts';
import { Reader } from './reader.ts';

/**
 * Facts of the leaf in a Certificate message up to TLS 1.2 (RFC 5246 section 7.4.2). Dates are ISO 8601; `key` is
 * e.g. "RSA 2048" or "EC prime256v1"; `signature` OpenSSL's name, e.g. "sha256WithRSAEncryption". null: the chain is
 * empty. `unreadable`: the leaf is no certificate that OpenSSL can parse. Throws CutShort.
 */
export function parseCertificates(body: Buffer): CertificateFacts | null | 'unreadable' {
  const list = new Reader(body).vector(3);
  const chain: Buffer[] = [];
  while (list.left > 0) chain.push(list.vector(3).rest());
  const [leaf] = chain;
  if (leaf === undefined) return null;
  try {
    return describe(new X509Certificate(leaf), leaf, chain.length);
  } catch {
    // OpenSSL's reason says nothing a person could use, and differs between its versions.
    return 'unreadable';
  }
}

function describe(certificate: X509Certificate, der: Buffer, chainLength: number): CertificateFacts {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesIn(certificate.subjectAltName),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    key: describeKey(certificate),
    signature: certificate.signatureAlgorithm ?? certificate.signatureAlgorithmOid,
    sha256: createHash('sha256').update(der).digest('hex'),
    chainLength,
  };
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

/** Node renders `DNS:mail.example, IP Address:192.0.2.1`; a name with odd characters comes as a JSON string. */
function namesIn(subjectAltName: string | undefined): string[] {
  const entries = (subjectAltName ?? '').matchAll(/(?:^|, )(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...entries].map(([, , name = '']) => name);
}

function describeKey(certificate: X509Certificate): string {
  let key: KeyObject;
  try {
    key = certificate.publicKey;
  } catch {
    return 'unreadable';
  }
  const details = key.asymmetricKeyDetails ?? {};
  const size = details.namedCurve ?? details.modulusLength;
  const kind = (key.asymmetricKeyType ?? 'unknown').toUpperCase();
  return size === undefined ? kind : `${kind} ${size}`;
}
