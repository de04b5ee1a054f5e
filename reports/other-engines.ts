import type { EngineName, Verdict } from '../harness/vocabulary/verdict.ts';
import type { Bilingual } from '../harness/vocabulary/trial.ts';
import { wasTried } from './basis-texts.ts';

/**
 * What the other engines answered for the same device, direction and firmware, where it is not what the verdict says.
 * With the same device on both sides, such a difference is a fact about the servers, not about the device.
 */
export function otherAnswers(verdict: Verdict, outranked: readonly Verdict[]): readonly Verdict[] {
  return outranked.filter(
    (o) =>
      o.device === verdict.device &&
      o.direction === verdict.direction &&
      o.firmware === verdict.firmware &&
      o.engine !== verdict.engine &&
      wasTried(o) &&
      answerOf(o) !== answerOf(verdict),
  );
}

/** For QA, in the words of the files: `works-after-update (no-shared-signature)`. */
export function renderWord({ verdict, causes: [cause] }: Verdict): string {
  return cause === undefined ? verdict : `${verdict} (${cause})`;
}

/** For people who do not know our words for engines. */
export const SERVERS_OF: Readonly<Record<EngineName, Bilingual>> = {
  embedded: { de: 'eingebauter Testserver', en: 'built-in test server' },
  containers: { de: 'Postfix und Dovecot in unserem Labor', en: 'Postfix and Dovecot in our lab' },
  hosts: { de: 'die Server selbst', en: 'the servers themselves' },
};

/** What makes two answers different ones to the owner: what holds, why, and what to enter or install. */
function answerOf({ verdict, causes, setting, update }: Verdict): string {
  return JSON.stringify([verdict, causes[0], setting?.port, setting?.security, update]);
}
