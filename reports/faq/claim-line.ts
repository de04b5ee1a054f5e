import type { Language } from '../../harness/cause-texts.ts';
import { expiryOf } from '../../harness/claims.ts';
import type { Claim, Condition, Source } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { renderDay } from '../dates.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import type { ClaimEntry, ClaimPart } from './claim-entries.ts';
import { conditionWords } from './condition-words.ts';
import type { Cell, CellLine } from './document.ts';

/** What a line needs beside its claims: operating systems by id, and the day (YYYY-MM-DD) on which it is read. */
export interface LineContext {
  readonly systems: ReadonlyMap<string, Device>;
  readonly asOf: string;
  readonly language: Language;
}

/**
 * One line: device and condition, what is said, what to enter or install, the source with its age. Where the same holds
 * under several conditions, these stand with their sources, and the reasons are left to the source.
 */
export function renderClaimLine({ device, parts }: ClaimEntry, context: LineContext): Cell {
  const [only] = parts;
  const name = { strong: deviceName(device) };
  if (only === undefined) return [name];
  if (parts.length === 1) {
    const details = detailsOf(only, [conditionOf(only)], device, context);
    return [name, details === '' ? ': ' : ` (${details}): `, ...renderPart(only, device, context)];
  }
  return [name, ': ', ...join(briefs(parts, device, context))];
}

/** Conditions that stand on the same source and ask for the same are said together; contradictions in full. */
function briefs(parts: readonly ClaimPart[], device: Device, context: LineContext): readonly Cell[] {
  const plain = parts.filter((part) => !part.contradictory);
  const told = plain.flatMap((part) => part.claims.map((claim) => ({ part, claim })));
  const groups = Map.groupBy(told, ({ part, claim: { source, implies } }) =>
    JSON.stringify([source.url, source.title, source.date, implies?.update, implies?.setting, part.directions]),
  );
  return [
    ...[...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const conditions = group.map(({ part }) => conditionOf(part));
      const { language } = context;
      const details = detailsOf(first.part, conditions, device, context);
      return [[`${details}${toDo(first.claim, language)} `, ...sourceOf(first.claim, context)]];
    }),
    ...parts.filter((part) => part.contradictory).map((part) => renderPart(part, device, context)),
  ];
}

function join(cells: readonly Cell[]): Cell {
  return cells.flatMap((cell, i) => (i === 0 ? cell : ['; ', ...cell]));
}

function renderPart({ claims, contradictory }: ClaimPart, device: Device, context: LineContext): Cell {
  const { language } = context;
  return [
    ...(contradictory ? [`${WORDS[language].contradictory} `] : []),
    ...claims.flatMap((claim, i): Cell => {
      const condition = contradictory ? conditionWords([claim.when], device, context.systems, language) : '';
      const said = `${condition === '' ? '' : `${condition}: `}${claim.says[language]}${toDo(claim, language)} `;
      return [i === 0 ? said : ` ${said}`, ...sourceOf(claim, context)];
    }),
  ];
}

function conditionOf({ claims, contradictory }: ClaimPart): Condition | undefined {
  return contradictory ? undefined : claims[0]?.when;
}

/** Conditions, and the direction where not both are meant. */
function detailsOf(
  { directions, otherwise }: ClaimPart,
  conditions: readonly (Condition | undefined)[],
  device: Device,
  { language, systems }: LineContext,
): string {
  const [direction] = directions;
  const single = directions.length === 1 && direction !== undefined && canFetch(device);
  const parts = [
    conditionWords(conditions, device, systems, language),
    otherwise ? WORDS[language].otherwise : '',
    single ? DIRECTION_WORDS[direction][language] : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
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

/** The source as a link, with its own age and the day on which it was read; a claim past its time says so. */
function sourceOf(claim: Claim, { asOf, language }: LineContext): readonly CellLine[] {
  return linkTo(claim.source, language, asOf > expiryOf(claim) ? `, ${WORDS[language].stale}` : '');
}

export function linkTo({ title, url, date, written }: Source, language: Language, more = ''): readonly CellLine[] {
  const words = WORDS[language];
  const age = written === undefined ? '' : `, ${words.written} ${writtenIn(written, language)}`;
  const read = `, ${words.read} ${renderDay(date, language)}`;
  return [`(${words.source}: `, { link: url, text: title }, `${age}${read}${more})`];
}

/** A year, a month or a day, as exactly as the source tells. */
function writtenIn(written: string, language: Language): string {
  const [year = written, month, day] = written.split('-');
  if (day !== undefined) return renderDay(written, language);
  return month === undefined ? year : `${month}/${year}`;
}

const WORDS = {
  de: {
    contradictory: 'Die Quellen widersprechen sich.',
    otherwise: 'sonst',
    enter: (port: number, security: string) => `Einzutragen: Port ${port} mit ${security}.`,
    update: 'Nötiges Update',
    source: 'Quelle',
    written: 'von',
    read: 'Stand',
    stale: 'muss neu geprüft werden',
  },
  en: {
    contradictory: 'The sources contradict each other.',
    otherwise: 'otherwise',
    enter: (port: number, security: string) => `To enter: port ${port} with ${security}.`,
    update: 'Update needed',
    source: 'source',
    written: 'from',
    read: 'as of',
    stale: 'has to be checked again',
  },
} as const;
