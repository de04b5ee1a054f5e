import type { RecordedClient } from '../predict/predict-client.ts';
import type { Protocol, Security } from '../vocabulary/trial.ts';
import type { CorpusEntry, Met, Origin } from './entry.ts';
import { originKey } from './entry.ts';
import { offerOf } from './offer.ts';

/** A client of the corpus with one scenario, which is what a prediction is about. */
export interface CorpusClient extends RecordedClient {
  /** device@firmware/setting/scenario; without the scenario where none is known. */
  readonly id: string;
  readonly device: string;
  readonly model: string;
  readonly emulated: boolean;
  readonly protocol: Protocol;
  readonly met: readonly Met[];
  /** Ids of its recordings. */
  readonly hellos: readonly string[];
}

/** The corpus by client instead of by hello, in the order of their ids. */
export function clientsOf(entries: readonly CorpusEntry[]): readonly CorpusClient[] {
  const clients = new Map<string, CorpusClient>();
  for (const { id: hello, hello: recorded, seen } of entries) {
    const offer = offerOf(recorded);
    for (const origin of seen) {
      const own = origin.limits === undefined ? offer : { ...offer, limits: origin.limits };
      for (const scenario of scenariosOf(origin)) {
        const id = scenario === null ? originKey(origin) : `${originKey(origin)}/${scenario}`;
        const known = clients.get(id) ?? blankClient(id, origin);
        clients.set(id, {
          ...known,
          offers: [...known.offers, own],
          met: [...known.met, ...origin.met.filter((met) => met.scenario === scenario)],
          hellos: [...known.hellos, hello],
        });
      }
    }
  }
  return [...clients.values()].map(withoutRepeats).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function scenariosOf({ met }: Origin): readonly (string | null)[] {
  return met.length === 0 ? [null] : [...new Set(met.map(({ scenario }) => scenario))];
}

function blankClient(id: string, origin: Origin): CorpusClient {
  const { device, model, emulated, setting } = origin;
  const { port, protocol, host } = setting;
  const security = securityOf(origin);
  const typed = host === undefined ? {} : { host };
  return { id, device, model, emulated, security, port, protocol, ...typed, offers: [], met: [], hellos: [] };
}

/** What a client is set to is known of runs alone: one that was seen to use STARTTLS may go on without it as well. */
export function securityOf({ setting: { security }, source }: Origin): Security {
  return security === 'starttls' && source.kind !== 'run' ? 'opportunistic' : security;
}

/** The same attempt stands with each of its hellos. */
function withoutRepeats(client: CorpusClient): CorpusClient {
  const met = new Map(client.met.map((one) => [`${one.mode}/${one.engine}`, one]));
  return { ...client, met: [...met.values()] };
}
