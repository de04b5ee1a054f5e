import type { Mode } from '../../vocabulary/mode.ts';

/** Settings are entered once: the host that was typed for strict must be right for the servers of every mode. */
export function nameAllHosts(modes: readonly Mode[]): readonly Mode[] {
  const hosts = [...new Set(modes.flatMap((m) => Object.values(m.hosts)))];
  return modes.map((mode) => {
    const { certificate } = mode;
    if (!('minted' in certificate)) return mode;
    return { ...mode, certificate: { ...certificate, names: [...new Set([...certificate.names, ...hosts])] } };
  });
}
