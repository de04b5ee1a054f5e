import type { Language } from '../../harness/cause-texts.ts';
import { expiryOf, isSameCondition } from '../../harness/claims.ts';
import type { Claim, Source } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { type Direction, DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import type { VerdictWord } from '../../harness/vocabulary/verdict.ts';
import { renderDay } from '../dates.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import { conditionWords } from './condition-words.ts';
import type { Cell, CellLine } from './document.ts';

/** What the sources say of one device for one group of the page. */
export interface ClaimEntry {
  readonly device: Device;
  readonly group: VerdictWord;
  readonly directions: readonly Direction[];
  readonly claims: readonly Claim[];
  /** Under the same condition they say different things: then nobody knows. */
  readonly contradictory: boolean;
}

/**
 * The claims of a device as entries, one for each condition and verdict, in the order of its file. A direction that was
 * measured is left out: `besideMeasured` has what is said of it. A device of which nothing follows from any claim is
 * one entry of the group `unknown`.
 */
export function claimEntries(device: Device, measured: ReadonlySet<Direction>): readonly ClaimEntry[] {
  const telling = device.claims.filter((c) => c.implies !== undefined);
  if (telling.length === 0) {
    if (device.claims.length === 0 || measured.size > 0) return [];
    return [{ device, group: 'unknown', directions: [...DIRECTIONS], claims: device.claims, contradictory: false }];
  }
  const ofDirections = DIRECTIONS.filter((d) => !measured.has(d)).flatMap((d) => entriesOf(device, telling, d));
  return mergeDirections(ofDirections);
}

function entriesOf(device: Device, telling: readonly Claim[], direction: Direction): readonly ClaimEntry[] {
  const own = telling.filter((c) => (c.implies?.directions ?? DIRECTIONS).includes(direction));
  const firsts = own.filter((c, i) => own.findIndex((other) => isSameCondition(other.when, c.when)) === i);
  return firsts.map((first): ClaimEntry => {
    const claims = own.filter((c) => isSameCondition(c.when, first.when));
    const verdicts = new Set(claims.map((c) => c.implies?.verdict ?? 'unknown'));
    const [only = 'unknown'] = verdicts;
    const contradictory = verdicts.size > 1;
    return { device, group: contradictory ? 'unknown' : only, directions: [direction], claims, contradictory };
  });
}

/** Mostly both directions get the same answer from the same claims: said once. */
function mergeDirections(entries: readonly ClaimEntry[]): readonly ClaimEntry[] {
  const same = Map.groupBy(entries, (e) => JSON.stringify([e.group, e.claims.map((c) => e.device.claims.indexOf(c))]));
  return [...same.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, directions: [first, ...rest].flatMap((e) => e.directions) }],
  );
}

/** One line: device and condition, what is said, what to enter or install, the sources with their age. */
export function renderClaimEntry(
  { device, directions, claims, contradictory }: ClaimEntry,
  systems: ReadonlyMap<string, Device>,
  asOf: string,
  language: Language,
): Cell {
  const words = WORDS[language];
  const [first] = claims;
  const condition = conditionWords(first?.when, device, systems, language);
  const [direction] = directions;
  const only =
    directions.length === 1 && direction !== undefined && canFetch(device) ? DIRECTION_WORDS[direction][language] : '';
  const details = [condition, only].filter((part) => part !== '').join('; ');
  return [
    { strong: deviceName(device) },
    details === '' ? ':' : ` (${details}):`,
    ...(contradictory ? [` ${words.contradictory}`] : []),
    ...claims.flatMap(
      (claim): Cell => [` ${claim.says[language]}${toDo(claim, language)} `, ...sourceOf(claim, asOf, language)],
    ),
  ];
}

/** Devices that only send need not say so. */
function canFetch({ kind, claims }: Device): boolean {
  return FETCHING.has(kind) || claims.some((c) => c.implies?.directions?.includes('fetch') === true);
}

const FETCHING: ReadonlySet<Device['kind']> = new Set(['os', 'mail-program', 'mail-server', 'app-or-runtime']);

function toDo({ implies }: Claim, language: Language): string {
  const words = WORDS[language];
  const { setting, update } = implies ?? {};
  const enter =
    setting === undefined ? '' : ` ${words.enter(setting.port, SHORT_SECURITY[setting.security][language])}`;
  return `${enter}${update === undefined ? '' : ` ${words.update}: ${update}.`}`;
}

function sourceOf(claim: Claim, asOf: string, language: Language): Cell {
  return [...linkTo(claim.source, language), asOf > expiryOf(claim) ? ` ${WORDS[language].stale}` : ''];
}

/** The source as a link, with the day on which it was read. */
export function linkTo({ title, url, date }: Source, language: Language): readonly CellLine[] {
  return [
    `(${WORDS[language].source}: `,
    { link: url, text: title },
    `, ${WORDS[language].read} ${renderDay(date, language)})`,
  ];
}

const WORDS = {
  de: {
    contradictory: 'Die Quellen widersprechen sich.',
    enter: (port: number, security: string) => `Einzutragen: Port ${port} mit ${security}.`,
    update: 'Nötiges Update',
    source: 'Quelle',
    read: 'Stand',
    stale: 'Diese Angabe ist alt und muss neu geprüft werden.',
  },
  en: {
    contradictory: 'The sources contradict each other.',
    enter: (port: number, security: string) => `To enter: port ${port} with ${security}.`,
    update: 'Update needed',
    source: 'source',
    read: 'as of',
    stale: 'This statement is old and has to be checked again.',
  },
} as const;
