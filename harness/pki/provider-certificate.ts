import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HarnessFault } from '../faults.ts';

/** What a server shows: PEM texts. */
export interface ServerCertificate {
  /** Leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** The root that the chain leads to; null when it is not part of a provider's own chain. */
  readonly rootPem: string | null;
}

/**
 * Reads the provider's own chain and key, PEM.
 *
 * @throws HarnessFault `certificate-files` when a file cannot be read, is not PEM, or key and leaf do not belong together.
 */
export function readProviderCertificate(files: { readonly chain: string; readonly key: string }): ServerCertificate {
  const chainPem = readPem(files.chain, 'CERTIFICATE');
  const keyPem = readPem(files.key, 'PRIVATE KEY');
  if (/ENCRYPTED/.test(keyPem)) {
    throw new HarnessFault(
      'certificate-files',
      `${files.key}: the key is encrypted, and there is no place for its password.`,
      {
        advice: 'Give it decrypted, readable by this user alone (openssl pkey -in FILE -out FILE).',
        stage: 'configuration',
      },
    );
  }
  const certificates = splitPem(chainPem).map((pem) => ({ pem, certificate: parseCertificate(pem, files.chain) }));
  const root = certificates.find(({ certificate }) => certificate.subject === certificate.issuer);
  return { chainPem, keyPem, rootPem: root?.pem ?? null };
}

function readPem(path: string, label: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HarnessFault('certificate-files', `${path}: cannot be read, although a mode names it.`, {
      advice: 'Correct certificate.files in the mode, or give this user permission to read the file.',
      stage: 'configuration',
      cause,
    });
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(text)) {
    throw new HarnessFault('certificate-files', `${path}: holds no PEM block "${label}".`, {
      advice: 'Give the PEM form, as Postfix and Dovecot use it (openssl x509/pkey -outform PEM converts).',
      stage: 'configuration',
    });
  }
  return text;
}

function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
}

function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new HarnessFault('certificate-files', `${path}: a certificate in it cannot be read.`, {
      advice: 'Check it with: openssl x509 -in FILE -noout -text',
      stage: 'configuration',
      cause,
    });
  }
}
