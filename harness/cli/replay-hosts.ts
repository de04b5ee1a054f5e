import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { HarnessFault } from '../faults.ts';
import { askKeys } from '../replay/ask-keys.ts';
import { type Agreement, askerOf, measureAgreement } from '../replay/measure-agreement.ts';
import { rulesOf, rulesOfHost } from '../replay/rules-of.ts';
import { findListeners, type Listener, type NameService, openNameService } from '../servers/hosts/find-listeners.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Port } from '../vocabulary/trial.ts';
import type { Replayed } from './replay.ts';

export interface HostsReplay {
  readonly ports: readonly Port[];
  /** ms after each connection. There is one at a time. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  /** ms without a byte from a server; see `measureAgreement`. */
  readonly idleMs?: number;
  readonly names?: NameService;
}

/**
 * Hellos to servers that exist: every address of the hosts that a mode names, on the ports that are asked for and that
 * it does not leave out. No account is needed, and nothing is said but the hello and the dialogue in front of it.
 *
 * @throws HarnessFault `no-address` where a mode names nothing that could be asked.
 */
export async function* replayToHosts(
  hellos: readonly RecordedHello[],
  modes: readonly Mode[],
  options: HostsReplay,
): AsyncGenerator<Replayed> {
  for (const mode of modes) {
    // oxlint-disable-next-line no-await-in-loop -- one connection at a time, over all of them
    for (const listener of await listenersOf(mode, options)) {
      const { name, address, endpoint } = listener;
      // oxlint-disable-next-line no-await-in-loop -- as above
      const agreement = await replayToOne(hellos, mode, listener, options);
      yield { mode: mode.id, port: endpoint.port, place: { name, address }, agreement };
    }
  }
}

async function listenersOf(mode: Mode, { ports, names }: HostsReplay): Promise<readonly Listener[]> {
  // The MX of the account's domain is not asked for: other providers' servers say no recorded hello.
  const { account: _, ...withoutAccount } = mode;
  const { listeners } = await findListeners(withoutAccount, names ?? openNameService());
  const wanted = listeners.filter(({ kind, endpoint }) => kind === 'host' && ports.includes(endpoint.port));
  if (wanted.length > 0) return wanted;
  const hosts = Object.values(mode.hosts).join(', ');
  throw new HarnessFault('no-address', `Mode "${mode.id}": on ports ${ports.join(', ')} there is nothing to ask.`, {
    advice: `Check the A and AAAA records of ${hosts}, and \`addresses\` and \`ports\` of the mode.`,
    stage: 'start',
  });
}

async function replayToOne(
  hellos: readonly RecordedHello[],
  mode: Mode,
  { address, dialled, endpoint }: Listener,
  { pauseMs, idleMs, signal }: HostsReplay,
): Promise<Agreement> {
  const server = { address: () => ({ host: address, port: dialled }) };
  const claimed = rulesOf('embedded', endpoint.protocol, mode).key;
  const asking = { endpoint, pauseMs, signal, ...(idleMs === undefined ? {} : { idleMs }) };
  const found = await askKeys(mode, askerOf(server, { ...asking, rules: rulesOfHost(mode, claimed) }));
  if ('unusable' in found) {
    const notCompared = hellos.map((hello) => ({ hello, why: found.unusable }));
    return { compared: 0, works: 0, differing: [], notCompared };
  }
  const [key = claimed, otherKey] = found.keys;
  return measureAgreement(hellos, {
    ...asking,
    server,
    rules: rulesOfHost(mode, key),
    ...(otherKey === undefined ? {} : { otherKey }),
    // Which suite or group they like best is not in a mode.
    negotiated: ['version'],
    parallel: 1,
  });
}
