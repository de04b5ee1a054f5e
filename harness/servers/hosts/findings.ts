import { isIPv6 } from 'node:net';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Port } from '../../vocabulary/trial.ts';
import type { ListenerFacts } from './ask-listener.ts';
import type { Unanswered } from './find-listeners.ts';
import { compareModes, compareSiblings } from './compare.ts';
import { judgeListener, type Problem, type ProblemKind } from './judge-listener.ts';

/** What the servers of one mode showed. */
export interface ModeAnswers {
  readonly mode: Mode;
  readonly listeners: readonly ListenerFacts[];
  readonly unresolved: readonly string[];
  readonly unanswered: readonly Unanswered[];
}

/** One thing to tell an operator, with every place that shows it. */
export interface HostFinding {
  readonly mode: string;
  readonly kind: ProblemKind | 'no-address' | 'name-service';
  readonly weight: Problem['weight'];
  readonly places: readonly { readonly name: string; readonly address: string; readonly ports: readonly Port[] }[];
  /** A whole sentence or two: where, what, and what it looks like. */
  readonly text: string;
  readonly advice: string;
}

/** Judges every listener by its mode, by its siblings and, where there are several modes, by the first one. Pure. */
export function judgeHosts(all: readonly ModeAnswers[], now: Date): HostFinding[] {
  const [base, ...others] = all;
  return [
    ...all.flatMap((answers) => [...unresolvedIn(answers), ...unansweredIn(answers), ...problemsIn(answers, now)]),
    ...(base === undefined ? [] : others.flatMap((other) => moreThanAnnounced(base, other))),
  ];
}

function unresolvedIn({ mode, unresolved }: ModeAnswers): HostFinding[] {
  return unresolved.map((name) => ({
    mode: mode.id,
    kind: 'no-address',
    weight: 'differs',
    places: [],
    text: `${name} has no address.`,
    advice: "Check its A and AAAA records, or name its addresses in the mode's `addresses`.",
  }));
}

/** An IPv6 address that nobody told of is a listener that nobody asked: not a proof. */
function unansweredIn({ mode, unanswered }: ModeAnswers): HostFinding[] {
  return unanswered.map(({ name, records, why }) => ({
    mode: mode.id,
    kind: 'name-service',
    weight: 'differs',
    places: [],
    text: `No name server told the ${records.join(' and ')} records of ${name} (${why}), so what listens there was not asked.`,
    advice: "Check the name servers of this machine, or name the addresses in the mode's `addresses`.",
  }));
}

/** One finding for each name and problem, however many addresses and ports show it. */
function problemsIn({ mode, listeners }: ModeAnswers, now: Date): HostFinding[] {
  const siblings = compareSiblings(listeners);
  const seen = listeners.flatMap((facts) =>
    [...judgeListener(facts, mode, now), ...(siblings.get(facts) ?? [])].map((problem) => ({ facts, problem })),
  );
  const groups = Map.groupBy(
    seen,
    ({ facts, problem }) => `${facts.name} ${problem.kind} ${problem.text} ${problem.advice}`,
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { kind, weight, text, advice } = first.problem;
    const { name } = first.facts;
    const byAddress = Map.groupBy(members, ({ facts }) => facts.address);
    const places = [...byAddress].map(([address, at]) => ({
      name,
      address,
      ports: at.map(({ facts }) => facts.endpoint.port),
    }));
    const odd = kind === 'siblings' ? '' : whatItLooksLike(places, listeners, kind);
    return [{ mode: mode.id, kind, weight, places, text: `${renderPlaces(places)} ${text}.${odd}`, advice }];
  });
}

/** Where only some addresses of a name show a problem, the others tell what went wrong. */
function whatItLooksLike(
  places: HostFinding['places'],
  listeners: readonly ListenerFacts[],
  kind: ProblemKind,
): string {
  const ports = new Set(places.flatMap((place) => place.ports));
  const odd = places.map(({ address }) => address);
  const same = listeners.filter(({ name, endpoint }) => name === places[0]?.name && ports.has(endpoint.port));
  const others = [...new Set(same.map(({ address }) => address))].filter((address) => !odd.includes(address));
  if (others.length === 0 || kind === 'unseen') return '';
  const isForgotten = odd.every((address) => isIPv6(address)) && others.every((address) => !isIPv6(address));
  const guess = isForgotten ? 'a forgotten IPv6 listener' : 'a backend that was left out';
  return ` ${others.join(', ')} ${others.length === 1 ? 'does' : 'do'} not: it looks like ${guess}.`;
}

function renderPlaces(places: HostFinding['places']): string {
  const byPorts = Map.groupBy(places, ({ ports }) => ports.join(', '));
  const parts = [...byPorts].map(([ports, at]) => {
    const addresses = at.map(({ address }) => address).join(', ');
    return `port${ports.includes(',') ? 's' : ''} ${ports} at ${addresses}`;
  });
  return `${places[0]?.name ?? ''}, ${parts.join('; ')},`;
}

function moreThanAnnounced(base: ModeAnswers, other: ModeAnswers): HostFinding[] {
  const differences = compareModes(base, other);
  if (differences.length === 0) return [];
  const lines = differences.map(
    ({ text, ports }) => `${text} (port${ports.length > 1 ? 's' : ''} ${ports.join(', ')})`,
  );
  return [
    {
      mode: other.mode.id,
      kind: 'more-than-announced',
      weight: differences.every(({ declared }) => declared) ? 'note' : 'differs',
      places: [],
      text: `"${other.mode.id}" differs from "${base.mode.id}" in more than version and plaintext: ${lines.join('; ')}.`,
      advice: 'Devices can fail for that alone: undo it, or announce it as well.',
    },
  ];
}
