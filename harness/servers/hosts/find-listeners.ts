import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Mode } from '../../vocabulary/mode.ts';
import { ENDPOINTS, type Endpoint, PROTOCOLS, type Protocol } from '../../vocabulary/trial.ts';

/** One name × address × port of a mode: the unit that is asked and compared. */
export interface Listener {
  readonly name: string;
  /** A host of the mode, which devices are told, or another name of the same servers. */
  readonly kind: 'host' | 'alias';
  /** MX records lead other providers' servers here. */
  readonly mx: boolean;
  readonly address: string;
  readonly endpoint: Endpoint;
  /** Where it is dialled; other than canonical only where the mode says so. */
  readonly dialled: number;
}

/** What is asked of DNS. Every answer is a list; a name that has none gives an empty one. */
export interface NameService {
  addresses(name: string): Promise<readonly string[]>;
  /** Host names of the MX records. */
  exchangers(domain: string): Promise<readonly string[]>;
}

export interface FoundListeners {
  readonly listeners: readonly Listener[];
  /** Names of the mode without any address. */
  readonly unresolved: readonly string[];
}

/**
 * Every A and AAAA address of every host and alias of a mode, with the ports that belong to it. Only names that the mode
 * holds are asked for, and the MX records of its test account's domain.
 */
export async function findListeners(mode: Mode, names: NameService): Promise<FoundListeners> {
  const exchangers = await exchangersOf(mode, names);
  const listeners: Listener[] = [];
  const unresolved: string[] = [];
  for (const { name, kind, mx, protocols } of namesOf(mode)) {
    const addresses = await addressesOf(mode, name, names);
    if (addresses.length === 0) unresolved.push(name);
    for (const { address, ports } of addresses) {
      for (const endpoint of endpointsOf(mode, protocols)) {
        const dialled = ports[String(endpoint.port)] ?? endpoint.port;
        listeners.push({ name, kind, mx: mx || exchangers.has(normal(name)), address, endpoint, dialled });
      }
    }
  }
  return { listeners, unresolved };
}

/** The machine's own resolver. No answer in 5 s, twice, is none. */
export function openNameService(): NameService {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  const none = (): readonly string[] => [];
  return {
    async addresses(name) {
      const [four, six] = await Promise.all([resolver.resolve4(name).catch(none), resolver.resolve6(name).catch(none)]);
      return [...four, ...six];
    },
    async exchangers(domain) {
      const records = await resolver.resolveMx(domain).catch(() => []);
      return records.map((record) => record.exchange);
    },
  };
}

interface ModeName {
  readonly name: string;
  readonly kind: Listener['kind'];
  readonly mx: boolean;
  readonly protocols: readonly Protocol[];
}

/** A name that stands for several protocols is one name. */
function namesOf(mode: Mode): ModeName[] {
  const hosts = [...new Set(Object.values(mode.hosts))].map((name) => ({
    name,
    kind: 'host' as const,
    mx: (mode.aliases ?? []).some((alias) => alias.mx && normal(alias.name) === normal(name)),
    protocols: PROTOCOLS.filter((protocol) => mode.hosts[protocol] === name),
  }));
  const known = new Set(hosts.map(({ name }) => normal(name)));
  const aliases = (mode.aliases ?? []).filter(({ name }) => !known.has(normal(name)));
  return [...hosts, ...aliases.map((alias) => ({ ...alias, kind: 'alias' as const }))];
}

function endpointsOf(mode: Mode, protocols: readonly Protocol[]): Endpoint[] {
  return ENDPOINTS.filter(({ protocol, port }) => protocols.includes(protocol) && (mode.ports?.includes(port) ?? true));
}

type Place = { readonly address: string; readonly ports: Readonly<Partial<Record<string, number>>> };

async function addressesOf(mode: Mode, name: string, names: NameService): Promise<Place[]> {
  const given = Object.entries(mode.addresses ?? {}).find(([host]) => normal(host) === normal(name))?.[1];
  if (given !== undefined) {
    return given.map((entry) =>
      typeof entry === 'string' ? { address: entry, ports: {} } : { address: entry.address, ports: entry.ports },
    );
  }
  if (isIP(name) !== 0) return [{ address: name, ports: {} }];
  return (await names.addresses(name)).map((address) => ({ address, ports: {} }));
}

async function exchangersOf(mode: Mode, names: NameService): Promise<ReadonlySet<string>> {
  const domain = mode.account?.address.split('@').at(-1);
  return new Set(domain === undefined ? [] : (await names.exchangers(domain)).map(normal));
}

/** DNS names are the same in capitals and with a final dot (RFC 4343, RFC 1034 section 3.1). */
function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
