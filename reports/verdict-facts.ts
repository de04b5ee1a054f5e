import type { Language } from '../harness/cause-texts.ts';
import { type Software, softwareOf } from '../harness/cause-texts/software.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import { wasTried } from './basis-texts.ts';
import { renderDay } from './dates.ts';
import { configuredSetting, type Situation, transitionEnded, transitionHost, transitionHosts } from './situation.ts';

/** What the sentences about a verdict are made of. */
export interface Facts {
  /** German: all neuter, with an s in the genitive. */
  readonly noun: string;
  readonly software: Software | null;
  readonly phase: Situation['schedule']['phase'];
  /** "senden" with its "über unsere Server", or "abrufen" with its "von unseren Servern". */
  readonly act: string;
  readonly actThere: string;
  readonly from: string | null;
  readonly until: string | null;
  /** By which server something is done during the transition; the host is left out where it is not known. */
  readonly byTransition: string;
  readonly ended: boolean;
  /** The transition server is there, or will be, as far as the policies say. */
  readonly transition: boolean;
  /** It takes unencrypted connections, which nobody has tried with this device. */
  readonly openTransition: boolean;
  readonly encrypted: boolean | undefined;
  readonly update: string | null;
  readonly oldVersion: boolean;
  readonly tested: boolean;
  /** Sources speak of what a device is able to; whether it is set so, they do not know. */
  readonly claimed: boolean;
}

export function factsOf(situation: Situation): Facts {
  const { verdict, device, schedule, language } = situation;
  const software = softwareOf(device?.kind);
  const day = (iso: string | undefined) => (iso === undefined ? null : renderDay(iso, language));
  return {
    noun: NOUNS[language][software ?? 'device'],
    software,
    phase: schedule.phase,
    ...ACTS[language][situation.both === true ? 'both' : verdict.direction],
    from: day(schedule.strictFrom),
    until: day(schedule.legacyUntil ?? verdict.until),
    byTransition: BY_TRANSITION[language](situation),
    ended: transitionEnded(situation),
    transition: transitionHost(situation) !== null,
    openTransition: isOpenUntried(situation),
    encrypted: verdict.encrypted,
    update: verdict.update ?? null,
    oldVersion: verdict.causes.includes('version-too-old'),
    tested: wasTried(verdict),
    claimed: verdict.basis === 'claimed',
  };
}

/** What fails there was encrypted: as configured, or because no source speaks of anything else. */
function isOpenUntried({ schedule, verdict, device }: Situation): boolean {
  if (schedule.legacy?.plaintext !== 'allowed') return false;
  return verdict.basis === 'claimed' || configuredSetting(device, verdict.direction)?.security !== 'plaintext';
}

const BY_TRANSITION: Readonly<Record<Language, (s: Situation) => string>> = {
  de: (s) => {
    const hosts = s.both === true ? transitionHosts(s) : null;
    if (hosts !== null) return ` senden (${hosts.send}) und abrufen (${hosts.fetch})`;
    const host = s.both === true ? null : transitionHost(s);
    const { act } = ACTS.de[s.both === true ? 'both' : s.verdict.direction];
    return `${host === null ? '' : ` ${host}`} ${act}`;
  },
  en: (s) => {
    const hosts = s.both === true ? transitionHosts(s) : null;
    if (hosts !== null) return ` (${hosts.send} for sending, ${hosts.fetch} for fetching)`;
    const host = transitionHost(s);
    return host === null ? '' : ` ${host}`;
  },
};

type Acts = Readonly<Record<Verdict['direction'] | 'both', Pick<Facts, 'act' | 'actThere'>>>;

const ACTS: Readonly<Record<Language, Acts>> = {
  de: {
    send: { act: 'senden', actThere: 'über unsere Server senden' },
    fetch: { act: 'abrufen', actThere: 'von unseren Servern abrufen' },
    both: { act: 'senden und abrufen', actThere: 'über unsere Server senden oder abrufen' },
  },
  en: {
    send: { act: 'send', actThere: 'send mail through our servers' },
    fetch: { act: 'fetch', actThere: 'fetch mail from our servers' },
    both: { act: 'send and fetch', actThere: 'send or fetch mail through our servers' },
  },
};

const NOUNS: Readonly<Record<Language, Readonly<Record<Software | 'device', string>>>> = {
  de: { device: 'Gerät', system: 'System', program: 'Programm' },
  en: { device: 'device', system: 'system', program: 'program' },
};

/** The change is still to come. */
export function early(f: Facts): boolean {
  return f.phase === 'before' || f.phase === 'trial';
}
