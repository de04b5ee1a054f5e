import type { ServerSession } from '../../vocabulary/evidence.ts';
import { SUITES } from '../../vocabulary/iana.ts';
import { TLS_VERSIONS, type TlsVersion } from '../../vocabulary/mode.ts';

/** `TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384`, as Postfix and Dovecot both write it; null: not in this line. */
export function readTlsWords(line: string): ServerSession['tls'] {
  const [, name, cipher] = /\b(SSLv[23]|TLSv1(?:\.[0-3])?) with cipher (\S+)/.exec(line) ?? [];
  if (name === undefined || cipher === undefined) return null;
  const version = versionOf(name);
  if (version === undefined) return null;
  return { version, suite: IANA_NAMES.get(cipher) ?? cipher };
}

/** The alert that the other side sent, in OpenSSL's error text. */
export function readAlertNumber(line: string): number | null {
  const [, number] = /SSL alert number (\d{1,3})\b/.exec(line) ?? [];
  return number === undefined ? null : Number(number);
}

/** OpenSSL names TLS 1.0 `TLSv1`. */
function versionOf(name: string): TlsVersion | undefined {
  const number = name === 'TLSv1' ? '1.0' : name.replace('TLSv', '');
  return TLS_VERSIONS.find((version) => version === number);
}

const IANA_NAMES = new Map(SUITES.flatMap(({ name, openssl }) => (openssl === null ? [] : [[openssl, name] as const])));
