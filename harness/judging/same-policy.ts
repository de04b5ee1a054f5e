import { isDeepStrictEqual } from 'node:util';
import type { ClientHello } from '../vocabulary/evidence.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';

/** Keys of a mode that decide what a server does, whatever a hello offers. Dates, names and texts do not. */
const DECIDING = ['tls', 'plaintext', 'starttls', 'auth', 'certificate', 'refusal', 'ports', 'configuration'] as const;
const LISTS = ['suites', 'groups', 'signatures'] as const;

/**
 * Whether a device that met mode `met` would meet just the same in mode `other`: they differ in nothing that its hellos
 * offer. It is no prediction of what the device does; to it the two are one policy.
 */
export function meetsTheSame({ setting, evidence }: Record, met: Mode, other: Mode): boolean {
  if (DECIDING.some((key) => !isDeepStrictEqual(met[key], other[key]))) return false;
  const hellos = evidence.wire.connections.flatMap((c) => (c.hello === null ? [] : [c.hello]));
  const isListedAlike = hellos.every((hello) =>
    LISTS.every((list) => {
      const offered = hello[list];
      const usable = (mode: Mode) =>
        offered === null ? mode[list] : mode[list].filter((name) => offered.includes(name));
      return isDeepStrictEqual(usable(met), usable(other));
    }),
  );
  return isListedAlike && isNamedAlike(setting.host ?? typedHost(hellos, met), met, other);
}

/** The name that it was given by hand, as its hello shows; null: none, or the mode's own host, which moves with the mode. */
function typedHost(hellos: readonly ClientHello[], { hosts }: Mode): string | null {
  const sni = hellos.find((h) => h.sni !== null)?.sni ?? null;
  return sni !== null && Object.values(hosts).includes(sni) ? null : sni;
}

/** Both certificates carry a name that was typed in, or neither does: they differ in the hosts of their modes. */
function isNamedAlike(typed: string | null, met: Mode, other: Mode): boolean {
  if (typed === null) return true;
  const [first, second] = [met, other].map(({ hosts }) => Object.values(hosts).includes(typed));
  return first === second;
}
