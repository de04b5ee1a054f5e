import type { Mode } from '../../vocabulary/mode.ts';
import type { Port } from '../../vocabulary/trial.ts';
import type { ListenerFacts } from './ask-listener.ts';
import type { Problem } from './judge-listener.ts';

/** What can differ between two listeners beside versions, plaintext, suites and groups, which a mode lists itself. */
const TRAITS: readonly { readonly what: string; readonly of: (facts: ListenerFacts) => string | null }[] = [
  { what: 'SASL mechanisms', of: ({ mechanisms, withName }) => (withName === null ? null : mechanisms.join(', ')) },
  { what: 'key of the certificate', of: ({ withName }) => withName?.certificate?.keyType ?? null },
  { what: 'issuer of the certificate', of: (facts) => issuerOf(facts) },
  { what: 'answer to MAIL FROM in the clear', of: ({ clear }) => clear?.mail?.slice(0, 3) ?? null },
];

/** Addresses of one name and port that are not like the majority, where the mode leaves open what is right. */
export function compareSiblings(all: readonly ListenerFacts[]): ReadonlyMap<ListenerFacts, readonly Problem[]> {
  const problems = new Map<ListenerFacts, Problem[]>();
  const groups = Map.groupBy(all, ({ name, endpoint }) => `${name} ${endpoint.port}`);
  for (const siblings of groups.values()) {
    for (const { what, of } of TRAITS) {
      const byValue = [...Map.groupBy(siblings, (facts) => of(facts))].filter(([value]) => value !== null);
      const [usual, ...odd] = byValue.sort(([, a], [, b]) => b.length - a.length);
      if (usual === undefined) continue;
      for (const [value, members] of odd) {
        for (const facts of members) {
          const text = `is not like its siblings: ${what}: ${value ?? ''}, there ${usual[0] ?? ''}`;
          const advice = 'Give all addresses of a name the same configuration.';
          problems.set(facts, [...(problems.get(facts) ?? []), { kind: 'siblings', weight: 'differs', text, advice }]);
        }
      }
    }
  }
  return problems;
}

/** What two modes' servers differ in beside versions and plaintext: one line a thing, with the ports that show it. */
export interface ModeDifference {
  readonly text: string;
  readonly ports: readonly Port[];
  /** The modes' own lists differ in it, too. */
  readonly declared: boolean;
}

export function compareModes(
  base: { readonly mode: Mode; readonly listeners: readonly ListenerFacts[] },
  other: { readonly mode: Mode; readonly listeners: readonly ListenerFacts[] },
): ModeDifference[] {
  const found = new Map<string, { ports: Port[]; declared: boolean }>();
  const add = (text: string, port: Port, declared: boolean) => {
    const known = found.get(text) ?? { ports: [], declared };
    known.ports.push(port);
    found.set(text, known);
  };
  for (const port of new Set(base.listeners.map(({ endpoint }) => endpoint.port))) {
    const [a, b] = [speakersOf(base.listeners, port), speakersOf(other.listeners, port)];
    if (a.length === 0 || b.length === 0) continue;
    for (const { name, list, of } of LISTS) {
      const [inBase, inOther] = [union(a, of), union(b, of)];
      for (const entry of new Set([...inBase, ...inOther])) {
        if (inBase.has(entry) === inOther.has(entry)) continue;
        const declared = list(base.mode).includes(entry) !== list(other.mode).includes(entry);
        const [has, lacks] = inBase.has(entry) ? [base, other] : [other, base];
        add(`${name} ${entry}: "${has.mode.id}" takes it, "${lacks.mode.id}" does not`, port, declared);
      }
    }
    for (const { what, of } of TRAITS.slice(1, 3)) {
      const values = [a, b].map((side) => [...new Set(side.flatMap((facts) => of(facts) ?? []))].sort().join(', '));
      if (values[0] !== values[1]) {
        add(`${what}: "${base.mode.id}" has ${values[0]}, "${other.mode.id}" ${values[1]}`, port, false);
      }
    }
  }
  return [...found].map(([text, { ports, declared }]) => ({ text, ports, declared }));
}

const LISTS: readonly {
  readonly name: string;
  readonly list: (mode: Mode) => readonly string[];
  readonly of: (facts: ListenerFacts) => readonly string[];
}[] = [
  { name: 'suite', list: ({ suites }) => suites, of: ({ suites }) => suites },
  { name: 'group', list: ({ groups }) => groups, of: ({ groups }) => groups },
  { name: 'SASL mechanism', list: ({ auth }) => auth, of: ({ mechanisms }) => mechanisms },
  {
    name: 'signatures with',
    list: ({ signatures }) => (signatures.some((name) => name.endsWith('_sha1')) ? ['SHA-1 alone'] : []),
    of: ({ sha1 }) => (sha1 ? ['SHA-1 alone'] : []),
  },
];

/** Those that showed their TLS 1.2: the lists are asked for there. */
function speakersOf(listeners: readonly ListenerFacts[], port: Port): ListenerFacts[] {
  return listeners.filter(
    ({ endpoint, withName }) => endpoint.port === port && withName?.accepted.includes('1.2') === true,
  );
}

function union(listeners: readonly ListenerFacts[], of: (facts: ListenerFacts) => readonly string[]): Set<string> {
  return new Set(listeners.flatMap((facts) => of(facts)));
}

/** The organisation: intermediates of one authority change from renewal to renewal, and no device minds. */
function issuerOf({ withName }: ListenerFacts): string | null {
  const issuer = withName?.certificate?.issuer;
  if (issuer === undefined) return null;
  return /(?:^|\n)O=([^\n]+)/.exec(issuer)?.[1] ?? issuer.replaceAll('\n', ', ');
}
