import type { CertificateFacts, ClientHello, ServerEvidence } from '../vocabulary/evidence.ts';
import type { Mode, TlsVersion } from '../vocabulary/mode.ts';

/** What a client says first, as far as a server's choice depends on it. */
export interface Offer {
  readonly hello: ClientHello;
  /** Groups that it sends a key of, in its order (TLS 1.3). null: no such extension. Absent: not known. */
  readonly keyShares?: readonly string[] | null;
  /** What the client is known to accept beyond its hello, in bits. */
  readonly limits?: ClientLimits;
}

/** Bounds of sizes that a hello does not tell, in bits. */
export interface ClientLimits {
  readonly rsaBits?: Bounds | undefined;
  readonly ecdsaBits?: Bounds | undefined;
  readonly dhBits?: Bounds | undefined;
}

interface Bounds {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

/** The client does not take this size. */
export function isOutside(bits: number, bounds: Bounds | undefined): boolean {
  return bounds !== undefined && (bits < (bounds.atLeast ?? 0) || bits > (bounds.atMost ?? Number.POSITIVE_INFINITY));
}

/** How one server software carries out one mode: what it really has, in its order of preference. IANA names. */
export interface ServerRules {
  readonly mode: Mode;
  /** For people, e.g. "Postfix 3.7 with OpenSSL 3.0". */
  readonly software: string;
  /** Versions whose handshake succeeds, oldest first. May begin below `mode.tls.min`: such a client is refused later, in words. */
  readonly versions: readonly TlsVersion[];
  readonly suites: readonly string[];
  readonly groups: readonly string[];
  /** What it signs with and takes: OpenSSL's defaults where nobody sets them, which can be more than the mode lists. */
  readonly signatures: readonly string[];
  readonly unspoken: ServerEvidence['unspoken'];
  readonly key: ServerKey;
  /** Facts of a chain that the harness did not mint; null otherwise. */
  readonly certificate: CertificateFacts | null;
  /** Modulus of its Diffie-Hellman parameters. */
  readonly dhBits: number;
  /**
   * Who decides which of several keys of a TLS 1.3 hello is used. `client`: the first that the server has (OpenSSL up to
   * 3.4). `server`: the one that the server likes best (OpenSSL 3.5).
   */
  readonly shareOrder: 'client' | 'server';
}

export interface ServerKey {
  /** `other`: no rule here knows it. */
  readonly type: 'RSA' | 'ECDSA' | 'other';
  readonly bits: number;
  /** IANA name of an EC key's curve. */
  readonly curve: string | null;
}
