import { isDeepStrictEqual } from 'node:util';
import type { ClientHello } from '../vocabulary/evidence.ts';
import { compareVersions, type Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';

/** Keys of a mode that decide what a server does, whatever a hello offers. Dates, names and texts do not. */
const DECIDING = ['tls', 'plaintext', 'starttls', 'auth', 'certificate', 'refusal', 'ports', 'configuration'] as const;
const LISTS = ['suites', 'groups', 'signatures'] as const;

/**
 * Whether a device that met mode `met` would meet just the same in mode `other`: they differ in nothing that its hellos
 * offer. It is no prediction of what the device does; to it the two are one policy.
 */
export function meetsTheSame(record: Record, met: Mode, other: Mode): boolean {
  if (DECIDING.some((key) => !isDeepStrictEqual(met[key], other[key]))) return false;
  const hellos = record.evidence.wire.connections.flatMap((c) => (c.hello === null ? [] : [c.hello]));
  // A hello that is too old for both is refused before a server looks at any list.
  const isRead = (hello: ClientHello) => compareVersions(hello.maxVersion, met.tls.min) >= 0;
  const isListedAlike = hellos.filter(isRead).every((hello) =>
    LISTS.every((list) => {
      const offered = hello[list];
      const usable = (mode: Mode) =>
        offered === null ? mode[list] : mode[list].filter((name) => offered.includes(name));
      return isDeepStrictEqual(usable(met), usable(other));
    }),
  );
  const isNameSuspect = [record.cause, ...(record.candidates ?? [])].includes('certificate-name');
  return isListedAlike && (!isNameSuspect || isNamedAlike(record, met, other));
}

/** Both certificates carry the name that the device was given, or neither does: they differ in the hosts of their modes. */
function isNamedAlike({ setting, evidence }: Record, met: Mode, other: Mode): boolean {
  const { connections } = evidence.wire;
  const sni = connections.find((c) => (c.hello?.sni ?? null) !== null)?.hello?.sni ?? null;
  const hostsOf = ({ hosts }: Mode) => Object.values(hosts);
  // The mode's own host moves with the mode.
  if (setting.host === undefined && (sni === null || hostsOf(met).includes(sni))) return true;
  const typed = setting.host ?? sni ?? '';
  // Beyond the hosts of a mode all certificates of the run carry the same names.
  const listed = 'minted' in met.certificate ? met.certificate.names : [];
  const seen = connections.flatMap((c) => c.certificate?.names ?? []).filter((n) => !hostsOf(met).includes(n));
  const [here, there] = [met, other].map((mode) => [...hostsOf(mode), ...listed, ...seen].includes(typed));
  return here === there;
}
