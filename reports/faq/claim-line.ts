import type { Language } from '../../harness/cause-texts.ts';
import type { Claim, Condition } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { DIRECTION_WORDS, deviceName } from '../device-words.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import type { ClaimEntry, ClaimPart } from './claim-entries.ts';
import { conditionWords } from './condition-words.ts';
import type { Cell } from './document.ts';
import { linksToSources } from './source-links.ts';

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
  const name = { strong: deviceName(device, context.language) };
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
      return [[`${details}${toDo(first.claim, language)} `, ...linksToSources([first.claim], context)]];
    }),
    ...parts.filter((part) => part.contradictory).map((part) => renderPart(part, device, context)),
  ];
}

function join(cells: readonly Cell[]): Cell {
  return cells.flatMap((cell, i) => (i === 0 ? cell : ['; ', ...cell]));
}

function renderPart(part: ClaimPart, device: Device, context: LineContext): Cell {
  return part.contradictory ? renderContradiction(part, device, context) : renderAgreement(part, context);
}

/** The words of the most trusted source; the others are named. What each of them asks for is said. */
function renderAgreement({ claims }: ClaimPart, context: LineContext): Cell {
  const [best, ...others] = claims.toSorted((a, b) => trustIn(b) - trustIn(a));
  if (best === undefined) return [];
  const todos = new Set([best, ...others].map((claim) => toDo(claim, context.language)));
  return [`${best.says[context.language]}${[...todos].join('')} `, ...linksToSources([best, ...others], context)];
}

function trustIn({ source }: Claim): number {
  return ['forum', 'third-party-documented', 'vendor-documented'].indexOf(source.confidence);
}

function renderContradiction({ claims }: ClaimPart, device: Device, context: LineContext): Cell {
  const { language, systems } = context;
  return [
    `${WORDS[language].contradictory} `,
    ...claims.flatMap((claim, i): Cell => {
      const condition = conditionWords([claim.when], device, systems, language);
      const said = `${condition === '' ? '' : `${condition}: `}${claim.says[language]}${toDo(claim, language)} `;
      return [i === 0 ? said : ` ${said}`, ...linksToSources([claim], context)];
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

const WORDS = {
  de: {
    contradictory: 'Die Quellen widersprechen sich.',
    otherwise: 'sonst',
    enter: (port: number, security: string) => `Einzutragen: Port ${port} mit ${security}.`,
    update: 'Nötiges Update',
  },
  en: {
    contradictory: 'The sources contradict each other.',
    otherwise: 'otherwise',
    enter: (port: number, security: string) => `To enter: port ${port} with ${security}.`,
    update: 'Update needed',
  },
} as const;
