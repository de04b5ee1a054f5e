import type { Carried } from './carried.ts';
import type { Traits } from './identify.ts';

/** Names, addresses and fingerprints that are known of a device: a retry has another fingerprint each. */
const MAX_TRAITS = 12;
export const NO_TRAITS: Traits = { addresses: [], fingerprints: [], ehloNames: [] };

/** With what a connection shows. */
export function learn(traits: Traits, { facts }: Carried): Traits {
  return join(traits, {
    addresses: [facts.address],
    fingerprints: facts.fingerprint === null ? [] : [facts.fingerprint],
    ehloNames: facts.ehlo === null ? [] : [facts.ehlo],
  });
}

/** The newest last, and the oldest forgotten. */
export function join(a: Traits, b: Traits): Traits {
  const both = (x: readonly string[], y: readonly string[]) =>
    [...x.filter((known) => !y.includes(known)), ...y].slice(-MAX_TRAITS);
  return {
    addresses: both(a.addresses, b.addresses),
    fingerprints: both(a.fingerprints, b.fingerprints),
    ehloNames: both(a.ehloNames, b.ehloNames),
  };
}
