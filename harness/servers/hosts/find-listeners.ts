import { NODATA, NOTFOUND } from 'node:dns';
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
  /** A or AAAA records. Throws where no name server answers: a name may have addresses that nobody told us. */
  addresses(name: string, family: 4 | 6): Promise<readonly string[]>;
  /** Host names of the MX records. */
  exchangers(domain: string): Promise<readonly string[]>;
}

export interface FoundListeners {
  readonly listeners: readonly Listener[];
  /** Names of the mode without any address. */
  readonly unresolved: readonly string[];
  /** Of which the name servers did not tell. */
  readonly unanswered: readonly Unanswered[];
}

export interface Unanswered {
  readonly name: string;
  readonly records: readonly ('A' | 'AAAA')[];
  /** As the resolver calls it, e.g. `ETIMEOUT`, `ESERVFAIL`. */
  readonly why: string;
}

/**
 * Every A and AAAA address of every host and alias of a mode, with the ports that belong to it. Only names that the mode
 * holds are asked for, and the MX records of its test account's domain.
 */
export async function findListeners(mode: Mode, names: NameService): Promise<FoundListeners> {
  const exchangers = await exchangersOf(mode, names);
  const listeners: Listener[] = [];
  const unresolved: string[] = [];
  const unanswered: Unanswered[] = [];
  for (const { name, kind, mx, protocols } of namesOf(mode)) {
    const { addresses, silent } = await addressesOf(mode, name, names);
    if (silent !== null) unanswered.push(silent);
    else if (addresses.length === 0) unresolved.push(name);
    for (const { address, ports } of addresses) {
      for (const endpoint of endpointsOf(mode, protocols)) {
        const dialled = ports[String(endpoint.port)] ?? endpoint.port;
        listeners.push({ name, kind, mx: mx || exchangers.has(normal(name)), address, endpoint, dialled });
      }
    }
  }
  return { listeners, unresolved, unanswered };
}

/** The machine's own resolver, 5 s for each of two tries. */
export function openNameService(): NameService {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  return {
    async addresses(name, family) {
      const asked = family === 4 ? resolver.resolve4(name) : resolver.resolve6(name);
      return await asked.catch((error: unknown) => {
        if (HAS_NONE.includes(codeOf(error))) return [];
        throw error;
      });
    },
    async exchangers(domain) {
      const records = await resolver.resolveMx(domain).catch(() => []);
      return records.map((record) => record.exchange);
    },
  };
}

/** The name server's own word that there is no such name, or no such record. */
const HAS_NONE: readonly string[] = [NOTFOUND, NODATA];

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
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

interface Addresses {
  readonly addresses: readonly Place[];
  readonly silent: Unanswered | null;
}

async function addressesOf(mode: Mode, name: string, names: NameService): Promise<Addresses> {
  const given = Object.entries(mode.addresses ?? {}).find(([host]) => normal(host) === normal(name))?.[1];
  if (given !== undefined) {
    const addresses = given.map((entry) =>
      typeof entry === 'string' ? { address: entry, ports: {} } : { address: entry.address, ports: entry.ports },
    );
    return { addresses, silent: null };
  }
  if (isIP(name) !== 0) return { addresses: [{ address: name, ports: {} }], silent: null };
  const [four, six] = await Promise.allSettled([names.addresses(name, 4), names.addresses(name, 6)]);
  const addresses = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const failed = four.status === 'rejected' ? four : six.status === 'rejected' ? six : null;
  const records = [
    ...(four.status === 'rejected' ? (['A'] as const) : []),
    ...(six.status === 'rejected' ? (['AAAA'] as const) : []),
  ];
  return {
    addresses: addresses.map((address) => ({ address, ports: {} })),
    silent: failed === null ? null : { name, records, why: codeOf(failed.reason) },
  };
}

async function exchangersOf(mode: Mode, names: NameService): Promise<ReadonlySet<string>> {
  const domain = mode.account?.address.split('@').at(-1);
  return new Set(domain === undefined ? [] : (await names.exchangers(domain)).map(normal));
}

/** DNS names are the same in capitals and with a final dot (RFC 4343, RFC 1034 section 3.1). */
function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
