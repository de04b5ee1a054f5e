import type { Condition, Source } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import type { Verdict, VerdictWord } from '../../harness/vocabulary/verdict.ts';
import { compareVersions, parseVersionRange } from '../../harness/vocabulary/version-range.ts';
import { renderDay } from '../dates.ts';
import { VERDICT_NAMES } from '../verdict-texts.ts';
import type { ProviderList } from './provider-list.ts';

export interface CheckedRow {
  readonly row: ProviderList['rows'][number];
  /** One piece of evidence against a row makes a conflict, however many are for it. */
  readonly result: 'agrees' | 'conflicts' | 'no-evidence';
  /** Against, for, open; in each what we measured, then other providers, then what sources say. */
  readonly evidence: readonly Evidence[];
}

export interface Evidence {
  readonly side: 'against' | 'for' | 'open';
  /** `measured` on a real device of ours, `provider` from another provider's list, `claimed` by a device's source. */
  readonly by: 'measured' | 'provider' | 'claimed';
  readonly subjects: readonly Subject[];
  readonly says: Bilingual;
  /** Missing where we measured. */
  readonly source?: Source;
  /** Trials that a measurement stands on. */
  readonly trials: readonly string[];
  /** Holds for versions that the row leaves out, too: the list could begin earlier. */
  readonly earlier: boolean;
}

export interface Subject {
  readonly device: string;
  readonly name: string;
  /** Versions, as a range, and the system: `>=52, Windows 7`. */
  readonly when: string;
}

/**
 * Each row of the provider's list beside all that is known: measurements of real devices, other providers' lists, claims
 * of device files. The announcement itself is no evidence for itself. Pure, and free of node: a page may run it.
 */
export function checkProviderList(
  list: ProviderList,
  devices: readonly Device[],
  verdicts: readonly Verdict[],
): readonly CheckedRow[] {
  const names = new Map(devices.map((d) => [d.id, d.model]));
  return list.rows.map((row) => {
    const minimum = row.wholeFile ? undefined : row.minimum;
    const covered = new Map([[row.device, minimum], ...row.also.map((a) => [a.device, a.minimum] as const)]);
    const others = othersOf(list, row, names);
    const retold = new Set([list.source.url, ...others.map((e) => e.source?.url)]);
    const claimed = nearestFirst(devices, row, covered).flatMap((d) => claimedOf(d, row, covered, names));
    const found = [
      ...verdicts.flatMap((v) => measuredOf(v, row, covered, names)),
      ...others,
      // A device file may cite another provider's list, too: that is heard once.
      ...claimed.filter((e) => !retold.has(e.source?.url)),
    ];
    const evidence = ORDER.flatMap((side) => mergeSameSource(found.filter((e) => e.side === side)));
    const against = evidence.some((e) => e.side === 'against');
    const inFavour = evidence.some((e) => e.side === 'for');
    return { row, result: against ? 'conflicts' : inFavour ? 'agrees' : 'no-evidence', evidence };
  });
}

const ORDER: readonly Evidence['side'][] = ['against', 'for', 'open'];

type Row = ProviderList['rows'][number];
/** Ids of the row's devices, each with the first version that the row covers; undefined: all. */
type Covered = ReadonlyMap<string, string | undefined>;
type Names = ReadonlyMap<string, string>;

function measuredOf(v: Verdict, row: Row, covered: Covered, names: Names): readonly Evidence[] {
  if (v.basis !== 'measured' || v.emulated) return [];
  const when: Condition = { firmware: v.firmware, ...(v.os === undefined ? {} : { os: v.os }) };
  const reach = reachOf(v.device, when, row, covered);
  if (reach === null || (!reach.covered && v.verdict !== 'works')) return [];
  const subjects = [subjectOf(v.device, when, names)];
  const evidence = {
    side: sideOf(v.verdict),
    by: 'measured',
    subjects,
    says: measuredText(v),
    trials: v.trials,
  } as const;
  return [{ ...evidence, earlier: reach.earlier && v.verdict === 'works' }];
}

function measuredText({ verdict, direction, measuredAt }: Verdict): Bilingual {
  const act = direction === 'send' ? { de: 'Senden', en: 'sending' } : { de: 'Abrufen', en: 'fetching' };
  return {
    de: `Von uns am ${renderDay(measuredAt, 'de')} getestet (${act.de}): ${VERDICT_NAMES[verdict].de}.`,
    en: `Tested by us on ${renderDay(measuredAt, 'en')} (${act.en}): ${VERDICT_NAMES[verdict].en}.`,
  };
}

function othersOf(list: ProviderList, row: Row, names: Names): readonly Evidence[] {
  return list.others.flatMap(({ source, statements }) =>
    statements
      .filter((s) => s.row === row.device)
      .map(({ side, says }): Evidence => {
        const subjects = [subjectOf(row.device, undefined, names)];
        return { side, by: 'provider', subjects, says, source, trials: [], earlier: false };
      }),
  );
}

/** What the row names, then what it covers: their words stand for a source that others cite as well. */
function nearestFirst(devices: readonly Device[], row: Row, covered: Covered): readonly Device[] {
  const distance = ({ id }: Device) => (id === row.device ? 0 : covered.has(id) ? 1 : 2);
  return devices.toSorted((a, b) => distance(a) - distance(b));
}

function claimedOf(device: Device, row: Row, covered: Covered, names: Names): readonly Evidence[] {
  return device.claims.flatMap(({ says, source, when, implies }): readonly Evidence[] => {
    const reach = reachOf(device.id, when, row, covered);
    const verdict = implies?.verdict ?? 'unknown';
    // Statements without a conclusion are told of the device that the row names only: else each row would be a book.
    const unclear = verdict === 'unknown' && device.id !== row.device;
    if (reach === null || unclear || (!reach.covered && verdict !== 'works')) return [];
    const subjects = [subjectOf(device.id, when, names)];
    const earlier = reach.earlier && verdict === 'works';
    return [{ side: sideOf(verdict), by: 'claimed', subjects, says, source, trials: [], earlier }];
  });
}

/** "Check that SSL/TLS or STARTTLS is set" is part of what the provider said, an update is not. */
function sideOf(verdict: VerdictWord): Evidence['side'] {
  if (verdict === 'works' || verdict === 'works-after-change') return 'for';
  return verdict === 'unknown' ? 'open' : 'against';
}

interface Reach {
  /** Some of the versions that the row covers. */
  readonly covered: boolean;
  /** Some that it leaves out. */
  readonly earlier: boolean;
}

/** Null: not about this row. A program's condition on a system that the row covers speaks of that system, too. */
function reachOf(device: string, when: Condition | undefined, row: Row, covered: Covered): Reach | null {
  if (row.older.includes(device)) return { covered: false, earlier: true };
  const system = when?.os;
  if (system !== undefined && row.older.includes(system)) return { covered: false, earlier: true };
  if (covered.has(device)) return rangeReach(when?.firmware, covered.get(device));
  const onSystem = system !== undefined && when?.firmware === undefined && covered.has(system);
  return onSystem ? { covered: true, earlier: false } : null;
}

function rangeReach(text: string | undefined, minimum: string | undefined): Reach | null {
  if (text === undefined || minimum === undefined) return { covered: true, earlier: false };
  const range = parseVersionRange(text);
  if ('kind' in range) return null;
  const above = range.every(({ operator, version }) => {
    const order = compareVersions(version, minimum);
    return operator === '<' ? order > 0 : operator === '>' || operator === '>=' || order >= 0;
  });
  const below = range.every(({ operator, version }) => {
    const order = compareVersions(version, minimum);
    return operator === '<' || operator === '<=' || order < 0;
  });
  return above || below ? { covered: above, earlier: below } : null;
}

function subjectOf(device: string, when: Condition | undefined, names: Names): Subject {
  const system = when?.os === device ? undefined : when?.os;
  const parts = [when?.firmware, system === undefined ? undefined : (names.get(system) ?? system)];
  return { device, name: names.get(device) ?? device, when: parts.filter((p) => p !== undefined).join(', ') };
}

/** A source that several device files cite is one piece of evidence, with all that it speaks of; the first says it. */
function mergeSameSource(evidence: readonly Evidence[]): readonly Evidence[] {
  const merged = new Map<string, Evidence>();
  for (const [i, e] of evidence.entries()) {
    // Open ones differ in what they say, measurements have no source.
    const key = e.source === undefined ? `measured ${i}` : e.side === 'open' ? e.says.en : e.source.url;
    const first = merged.get(key);
    const same =
      first?.subjects.some((s) => e.subjects.some((t) => t.device === s.device && t.when === s.when)) ?? false;
    const subjects = [...(first?.subjects ?? []), ...(same ? [] : e.subjects)];
    merged.set(key, { ...(first ?? e), subjects, earlier: (first?.earlier ?? false) || e.earlier });
  }
  return [...merged.values()];
}
