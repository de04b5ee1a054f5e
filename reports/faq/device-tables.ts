import { causeText, type Language } from '../../harness/cause-texts.ts';
import { softwareOf } from '../../harness/cause-texts/software.ts';
import { basisText } from '../basis-texts.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { remedyLines } from '../remedy-texts.ts';
import { type SettingRow, settingRows } from '../setting-words.ts';
import { settingToEnter, type Situation } from '../situation.ts';
import { CONFIDENCE_TEXTS, verdictText } from '../verdict-texts.ts';
import { compareNames } from './compare-names.ts';
import type { Block, Cell, CellLine } from './document.ts';

/** What was tested or calculated, for one group of the page: what holds, what to do, how we know. */
export function testedTable(
  name: string,
  situations: readonly Situation[],
  lookupPage: string,
  language: Language,
): readonly Block[] {
  if (situations.length === 0) return [];
  const rows = rowsOf([...situations].sort(byName), lookupPage);
  return [{ kind: 'table', name, head: HEAD[language], rows }];
}

/** Devices with the same answer share a row: what differs stands beside the device. */
function rowsOf(situations: readonly Situation[], lookupPage: string): readonly (readonly Cell[])[] {
  const answers = situations.map((situation) => ({ situation, says: saysOf(situation), ways: whatToDo(situation) }));
  const groups = Map.groupBy(answers, ({ situation: { verdict }, says, ways }) =>
    JSON.stringify([verdict.direction, verdict.basis, verdict.emulated, says, ways]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { direction } = first.situation.verdict;
    const own = group.map((g) => g.situation);
    const bases = own.map((s) => upperFirst(basisText(s, { firmware: own.length === 1 })));
    return [
      [
        [...own.flatMap((s) => nameLines(s, own.length > 1)), DIRECTION_WORDS[direction][first.situation.language]],
        first.says,
        first.ways,
        [...new Set(bases), ...own.map((s) => evidenceOf(s, lookupPage))],
      ],
    ];
  });
}

/** On the lookup page: every trial with what was seen. */
function evidenceOf(situation: Situation, lookupPage: string): CellLine {
  const page = lookupPage.replaceAll('{device}', encodeURIComponent(situation.verdict.device));
  return { page, text: `${EVIDENCE[situation.language]}: ${nameOf(situation)}` };
}

const EVIDENCE = { de: 'Nachweis', en: 'Evidence' } as const;

/** With the firmware where the row speaks of several, and the menu in which the settings are found. */
function nameLines(situation: Situation, withFirmware: boolean): Cell {
  const { verdict } = situation;
  const word = softwareOf(situation.device?.kind) === null ? 'Firmware' : 'Version';
  const firmware = withFirmware && verdict.basis === 'measured' ? ` (${word} ${verdict.firmware})` : '';
  const rows = shownRows(situation).filter((row) => ownRow(situation, row));
  const said = (menu: boolean) =>
    rows.filter((row) => (row.kind === 'menu') === menu).map((row) => `${row.label}: ${row.value}`);
  const entries = said(false).join(', ');
  return [{ strong: `${nameOf(situation)}${firmware}` }, ...said(true), ...(entries === '' ? [] : [entries])];
}

function nameOf({ verdict, device, language }: Situation): string {
  return device === undefined ? verdict.device : deviceName(device, language);
}

function saysOf(situation: Situation): Cell {
  return [verdictText(situation), ...why(situation)];
}

/** What stands beside the device. On the transition host each one keeps the port and encryption that it has. */
function ownRow({ verdict }: Situation, { kind }: SettingRow): boolean {
  return kind === 'menu' || (verdict.verdict === 'legacy-only' && kind !== 'host');
}

/** Of what to enter; nothing to enter where nothing has to be done. */
function shownRows(situation: Situation): readonly SettingRow[] {
  const enter = situation.verdict.verdict === 'works' ? null : settingToEnter(situation);
  return enter === null ? [] : settingRows(enter.setting, enter.host, situation.language, situation.device?.kind);
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function why({ verdict, device, language }: Situation): readonly string[] {
  const [cause] = verdict.causes;
  if (cause === undefined || verdict.verdict === 'works' || verdict.verdict === 'unknown') return [];
  const sure = verdict.confidence === 'suspected' ? ` (${CONFIDENCE_TEXTS.suspected[language]})` : '';
  return [`${CLAIM_WORDS[language]}: ${causeText(cause, device?.kind).customer[language].name}${sure}.`];
}

const CLAIM_WORDS = { de: 'Grund', en: 'Reason' } as const;

/** The settings to enter; where a setting does not help, what the cause asks for, then the other ways. */
function whatToDo(situation: Situation): Cell {
  const { verdict, language } = situation;
  if (verdict.verdict === 'works') return ['–'];
  const rows = shownRows(situation)
    .filter((row) => !ownRow(situation, row))
    .map((row) => `${row.label}: ${row.value}`);
  if (rows.length > 0) {
    if (verdict.verdict !== 'legacy-only') return [...rows, ...remedyLines(situation)];
    const { now, keep, later } = TRANSITION[language];
    const lasting = verdict.remedies.filter((r) => r !== 'legacy-host');
    const ways = remedyLines({ ...situation, verdict: { ...verdict, remedies: lasting } });
    return [{ strong: now }, ...rows, keep, ...(ways.length === 0 ? [] : [{ strong: later }, ...ways])];
  }
  if (verdict.verdict === 'unknown') return [CHECK[language][softwareOf(situation.device?.kind) ?? 'device']];
  const ways = remedyLines(situation);
  return ways.length === 0 ? [ASK[language]] : ways;
}

const TRANSITION = {
  de: {
    now: 'Für die Übergangszeit:',
    keep: 'Port und Verschlüsselung: wie beim Gerät angegeben',
    later: 'Auf Dauer:',
  },
  en: { now: 'For the transition period:', keep: 'Port and encryption: as given with the device', later: 'For good:' },
} as const;
const CHECK = {
  de: {
    device: 'Prüfen Sie, ob am Gerät „SSL/TLS“ oder „STARTTLS“ eingestellt ist.',
    program: 'Prüfen Sie, ob im Programm „SSL/TLS“ oder „STARTTLS“ eingestellt ist.',
    system: 'Prüfen Sie, ob im Mailprogramm „SSL/TLS“ oder „STARTTLS“ eingestellt ist.',
  },
  en: {
    device: 'Check whether “SSL/TLS” or “STARTTLS” is set on the device.',
    program: 'Check whether “SSL/TLS” or “STARTTLS” is set in the program.',
    system: 'Check whether “SSL/TLS” or “STARTTLS” is set in the mail program.',
  },
} as const;
const ASK = { de: 'Fragen Sie unseren Support.', en: 'Ask our support.' } as const;

function byName(a: Situation, b: Situation): number {
  return compareNames(nameOf(a), nameOf(b)) || a.verdict.direction.localeCompare(b.verdict.direction);
}

const HEAD = {
  de: ['Gerät', 'Was gilt', 'Was Sie tun können', 'Woher wir das wissen'],
  en: ['Device', 'What holds', 'What you can do', 'How we know'],
} as const;
