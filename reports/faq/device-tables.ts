import { causeText, type Language } from '../../harness/cause-texts.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import type { VerdictWord } from '../../harness/vocabulary/verdict.ts';
import { basisText } from '../basis-texts.ts';
import { renderDay } from '../dates.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { remedyTexts } from '../remedy-texts.ts';
import { settingRows } from '../setting-words.ts';
import { settingToEnter, type Situation, transitionHost } from '../situation.ts';
import { CONFIDENCE_TEXTS, verdictText } from '../verdict-texts.ts';
import { type Block, type Cell, heading } from './document.ts';

/** Devices by what their owners have to do, most urgent action first. Groups without devices are left out. */
export function deviceTables(situations: readonly Situation[], language: Language): readonly Block[] {
  return GROUPS.flatMap(({ group, title }) => {
    const own = situations.filter((s) => groupOf(s) === group).sort(byName);
    if (own.length === 0) return [];
    const rows = own.map(rowOf);
    return [heading(3, title[language]), { kind: 'table', head: HEAD[language], rows } as const];
  });
}

/** Devices that nobody tested, with what others say of them and where. */
export function claimsTable(devices: readonly Device[], language: Language): readonly Block[] {
  const rows = [...devices]
    .filter((d) => d.claims.length > 0)
    .sort((a, b) => ORDER.compare(deviceName(a), deviceName(b)))
    .map((d): readonly Cell[] => [
      [{ strong: deviceName(d) }],
      d.claims.map((c) => c.says),
      d.claims.map((c) => ({ link: c.source.url, text: `${c.source.title} (${renderDay(c.source.date, language)})` })),
    ]);
  if (rows.length === 0) return [];
  const { title, head } = CLAIMS[language];
  return [heading(3, title), { kind: 'table', head, rows }];
}

/** Once the transition host has ended, what needed it has stopped. */
function groupOf(situation: Situation): VerdictWord {
  const { verdict } = situation.verdict;
  return verdict === 'legacy-only' && transitionHost(situation) === null ? 'stops-working' : verdict;
}

function rowOf(situation: Situation): readonly Cell[] {
  const { verdict, device, language } = situation;
  const name = device === undefined ? verdict.device : deviceName(device);
  return [
    [{ strong: name }, DIRECTION_WORDS[verdict.direction][language]],
    [verdictText(situation), ...why(situation)],
    whatToDo(situation),
    [upperFirst(basisText(situation))],
  ];
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function why({ verdict, language }: Situation): readonly string[] {
  const [cause] = verdict.causes;
  if (cause === undefined || verdict.verdict === 'works' || verdict.verdict === 'unknown') return [];
  const sure = verdict.confidence === 'suspected' ? ` (${CONFIDENCE_TEXTS.suspected[language]})` : '';
  return [`${CLAIM_WORDS[language]}: ${causeText(cause).customer[language].name}${sure}.`];
}

const CLAIM_WORDS = { de: 'Grund', en: 'Reason' } as const;

/** The settings to enter; where a setting does not help, what the cause asks for, then the other ways. */
function whatToDo(situation: Situation): Cell {
  const { verdict, language } = situation;
  if (verdict.verdict === 'works') return ['–'];
  const enter = settingToEnter(situation);
  if (enter !== null) {
    const rows = settingRows(enter.setting, enter.host, language).map((row) => `${row.label}: ${row.value}`);
    if (verdict.verdict !== 'legacy-only') return [...rows, ...numbered(remedyTexts(situation))];
    const { now, later } = TRANSITION[language];
    const lasting = verdict.remedies.filter((r) => r !== 'legacy-host');
    const ways = numbered(remedyTexts({ ...situation, verdict: { ...verdict, remedies: lasting } }));
    return [{ strong: now }, ...rows, ...(ways.length === 0 ? [] : [{ strong: later }, ...ways])];
  }
  if (verdict.verdict === 'unknown') return [CHECK[language]];
  const [cause] = verdict.causes;
  const remedies = remedyTexts(situation);
  const own =
    verdict.verdict === 'fails-already' && cause !== undefined ? [causeText(cause).customer[language].todo] : [];
  return own.length + remedies.length === 0 ? [ASK[language]] : numbered([...new Set([...own, ...remedies])]);
}

function numbered(ways: readonly string[]): readonly string[] {
  return ways.length < 2 ? ways : ways.map((way, i) => `${i + 1}. ${way}`);
}

const TRANSITION = {
  de: { now: 'Für die Übergangszeit:', later: 'Auf Dauer:' },
  en: { now: 'For the transition period:', later: 'For good:' },
} as const;
const CHECK = {
  de: 'Prüfen Sie, ob am Gerät „SSL/TLS“ oder „STARTTLS“ eingestellt ist.',
  en: 'Check whether “SSL/TLS” or “STARTTLS” is set on the device.',
} as const;
const ASK = { de: 'Fragen Sie unseren Support.', en: 'Ask our support.' } as const;

function byName(a: Situation, b: Situation): number {
  const name = (s: Situation) => (s.device === undefined ? s.verdict.device : deviceName(s.device));
  return ORDER.compare(name(a), name(b)) || a.verdict.direction.localeCompare(b.verdict.direction);
}

/** German order (ä beside a) suits both pages; numbers by value, so that MFP 9 comes before MFP 10. */
const ORDER = new Intl.Collator('de', { numeric: true });

const GROUPS: readonly { readonly group: VerdictWord; readonly title: Bilingual }[] = [
  {
    group: 'works-after-change',
    title: {
      de: 'Diese Geräte funktionieren nach Änderung der Einstellungen',
      en: 'These devices work after a change of settings',
    },
  },
  {
    group: 'works-after-update',
    title: {
      de: 'Diese Geräte funktionieren nach einem Firmware-Update',
      en: 'These devices work after a firmware update',
    },
  },
  {
    group: 'legacy-only',
    title: { de: 'Diese Geräte brauchen den Übergangsserver', en: 'These devices need the transition server' },
  },
  {
    group: 'stops-working',
    title: {
      de: 'Für diese Geräte brauchen Sie eine andere Lösung',
      en: 'These devices need another solution',
    },
  },
  {
    group: 'fails-already',
    title: { de: 'Bei diesen Geräten besteht eine andere Störung', en: 'These devices have other trouble' },
  },
  { group: 'works', title: { de: 'Diese Geräte funktionieren weiter', en: 'These devices keep working' } },
  { group: 'unknown', title: { de: 'Noch nicht geprüft', en: 'Not tested yet' } },
];

const HEAD = {
  de: ['Gerät', 'Was gilt', 'Was Sie tun können', 'Woher wir das wissen'],
  en: ['Device', 'What holds', 'What you can do', 'How we know'],
} as const;

const CLAIMS = {
  de: { title: 'Von uns nicht getestet: laut Hersteller oder anderer Quelle', head: ['Gerät', 'Angabe', 'Quelle'] },
  en: {
    title: 'Not tested by us: according to the manufacturer or another source',
    head: ['Device', 'Statement', 'Source'],
  },
} as const;
