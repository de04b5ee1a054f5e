import { basename } from 'node:path';
import type { Mode } from '../vocabulary/mode.ts';
import type { Proof, Run } from '../vocabulary/run.ts';
import type { Context, Parameters } from './state.ts';

/** What a run knows of itself, beside its devices. */
export function contextOf(run: Pick<Run, 'cutover' | 'node' | 'openssl' | 'engine' | 'modes' | 'proofs'>): Context {
  const { cutover, node, openssl, engine, modes, proofs } = run;
  const policies = modes.filter((m) => m.purpose === 'policy');
  return {
    engine,
    harness: { cutover, node, openssl },
    modes: Object.fromEntries(policies.map((m) => [m.id, parametersOf(m)])),
    servers: Object.fromEntries(
      proofs.filter((p) => policies.some((m) => m.id === p.mode)).map((p) => [p.mode, traitsOf(p)]),
    ),
  };
}

/** Texts and dates change what people are told, not what servers do. */
function parametersOf(mode: Mode): Parameters {
  const { hosts, tls, suites, groups, signatures, plaintext, starttls, auth, certificate, refusal, ports } = mode;
  const { aliases, addresses, configuration } = mode;
  return {
    hosts,
    tls,
    suites,
    groups,
    signatures,
    plaintext,
    starttls,
    auth,
    // Where a checkout lies is not part of the policy.
    certificate: 'minted' in certificate ? certificate : { files: mapValues(certificate.files, (f) => basename(f)) },
    refusal,
    ...(ports === undefined ? {} : { ports }),
    ...(aliases === undefined ? {} : { aliases }),
    ...(addresses === undefined ? {} : { addresses }),
    ...(configuration === undefined ? {} : { configuration: basename(configuration) }),
  };
}

function traitsOf({ ports, unspoken, peculiarities = [], software }: Proof): Context['servers'][string] {
  const union = (lists: readonly (readonly string[])[]) => [...new Set(lists.flat())].sort();
  return {
    versions: union(ports.map((p) => p.accepted)),
    suites: union(ports.map((p) => p.suites)),
    unspoken,
    peculiarities: [...peculiarities].sort(),
    ...(software === undefined ? {} : { software }),
  };
}

function mapValues<T>(value: Readonly<{ [key: string]: T }>, map: (v: T) => T): Readonly<{ [key: string]: T }> {
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, map(v)]));
}
