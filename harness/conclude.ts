import { costOfChange, enforcesTls } from './judging/better-setting.ts';
import { lastDayOf } from './judging/expiry.ts';
import { settleAnswers } from './judging/repeats.ts';
import { meetsTheSame } from './judging/same-policy.ts';
import { type ConcludedFinding, settleFinding } from './judging/settle.ts';
import type { Cause } from './vocabulary/finding.ts';
import type { Mode } from './vocabulary/mode.ts';
import type { Record } from './vocabulary/record.ts';
import type { Direction, Setting } from './vocabulary/trial.ts';
import { DIRECTIONS } from './vocabulary/trial.ts';
import { type Remedy, type Verdict, VERDICTS, type VerdictWord } from './vocabulary/verdict.ts';

export type { ConcludedFinding } from './judging/settle.ts';

export interface Conclusion {
  /** By trial id. */
  readonly findings: ReadonlyMap<string, ConcludedFinding>;
  readonly verdicts: readonly Verdict[];
}

/**
 * Concludes from all records of one device; of a question that was asked again unchanged, all answers (`standingOf`).
 * Pure; knows records and modes, not the device.
 */
export function conclude(records: readonly Record[], modes: readonly Mode[]): Conclusion {
  const findings = new Map<string, ConcludedFinding>();
  for (const [trial, [first, ...repeated]] of Map.groupBy(records, (r) => r.trial)) {
    if (first === undefined) continue;
    const settle = (record: Record) => settleFinding(record, records, modes);
    findings.set(trial, settleAnswers([settle(first), ...repeated.map(settle)]));
  }
  const verdicts = DIRECTIONS.flatMap((direction) => {
    const own = records.filter((r) => r.direction === direction);
    const scenarios = [...new Set(own.filter((r) => r.role === 'question' && r.asConfigured).map((r) => r.scenario))];
    // Other settings are asked for all scenarios of the direction together.
    const about = (scenario: string) => own.filter((r) => r.scenario === scenario || !r.asConfigured);
    const decided = (scenarios.length === 0 ? [own] : scenarios.map(about)).map((rs) =>
      decide(rs, findings, modes, direction),
    );
    return chooseVerdict(decided.filter((v) => v !== null));
  });
  return { findings, verdicts };
}

/**
 * The first scenario is the plain one and gives the verdict. Where that works, a harder one (a large scan) that does
 * worse gives it: a device that loses its scans does not simply work.
 */
function chooseVerdict(verdicts: readonly Verdict[]): readonly Verdict[] {
  const [plain] = verdicts;
  if (plain === undefined) return [];
  const badness = (v: Verdict) => VERDICTS.indexOf(v.verdict);
  if (badness(plain) > VERDICTS.indexOf('works-after-update')) return [plain];
  return [verdicts.reduce((a, b) => (badness(b) > badness(a) ? b : a))];
}

interface Answer {
  readonly record: Record;
  readonly finding: ConcludedFinding;
}

function decide(
  records: readonly Record[],
  findings: ReadonlyMap<string, ConcludedFinding>,
  modes: readonly Mode[],
  direction: Direction,
): Verdict | null {
  const questions = records.filter((r) => r.role === 'question');
  const [any] = questions.length > 0 ? questions : records;
  if (any === undefined) return null;
  const answers = questions.flatMap((record) => {
    const finding = findings.get(record.trial);
    return finding === undefined ? [] : [{ record, finding }];
  });
  const configured = answers.filter((a) => a.record.asConfigured && a.record.device.installed);
  const inMode = (mode: string) => configured.findLast((a) => a.record.mode === mode);
  const [strict, legacy] = [inMode('strict'), inMode('legacy')];
  const today = inMode('today') ?? asToday(legacy, modes);
  const change = bestChange(
    answers.filter((a) => !a.record.asConfigured && a.record.device.installed && a.record.mode === 'strict'),
    any.setting,
  );
  const update = answers.find(
    (a) =>
      a.record.mode === 'strict' &&
      !a.record.device.installed &&
      a.record.asConfigured &&
      a.finding.outcome === 'works',
  );

  const row = ((): { word: VerdictWord; on: readonly (Answer | undefined)[]; more?: Partial<Verdict> } => {
    if (strict?.finding.outcome === 'works') {
      return {
        word: 'works',
        on: [strict],
        more: { setting: strict.record.setting, encrypted: strict.finding.encrypted },
      };
    }
    // Nobody is told to change a setting that was not seen to fail.
    const fails = strict?.finding.outcome === 'fails';
    if (fails && change !== undefined)
      return {
        word: 'works-after-change',
        on: [strict, change],
        more: { setting: change.record.setting, encrypted: true },
      };
    if (fails && update !== undefined)
      return { word: 'works-after-update', on: [strict, update], more: { update: update.record.device.firmware } };
    if (!fails) return { word: 'unknown', on: [strict] };
    if (legacy !== undefined && carries(legacy)) {
      const until = modes.find((m) => m.id === 'legacy')?.dates.until;
      return {
        word: 'legacy-only',
        on: [strict, legacy],
        more: { encrypted: legacy.finding.encrypted === true, ...(until === undefined ? {} : { until }) },
      };
    }
    if (legacy?.finding.outcome === 'fails' && today !== undefined && carries(today))
      return { word: 'stops-working', on: [strict, legacy, today] };
    if ([legacy, today].every((a) => a?.finding.outcome === 'fails') && [strict, legacy, today].every(isNamed)) {
      return { word: 'fails-already', on: [strict, legacy, today] };
    }
    return { word: 'unknown', on: [strict, legacy, today] };
  })();

  const on = [...new Set(row.on.filter((a) => a !== undefined))];
  const blamed = [strict, legacy, today].filter(
    (a) => a !== undefined && (row.word === 'unknown' || a.finding.outcome === 'fails'),
  );
  const causes = [...new Set(blamed.flatMap((a) => a?.finding.cause ?? []))];
  const remedies = remediesFor(row.word, causes);
  const relayed = remedies.includes('relay') ? answers.find(isRelayed) : undefined;
  const suspected =
    row.word === 'unknown' || (row.word !== 'works' && on.some((a) => a.finding.confidence === 'suspected'));
  // As old as the oldest answer that it stands on.
  const stands = on.length > 0 ? on.map((a) => a.record.startedAt) : records.map((r) => r.startedAt);
  const measuredAt = stands.reduce((a, b) => (b < a ? b : a));
  const { more = {} } = row;
  return {
    v: 1,
    device: any.device.id,
    direction,
    verdict: row.word,
    basis: 'measured',
    causes: row.word === 'works' ? [] : causes,
    confidence: suspected ? 'suspected' : 'confirmed',
    ...definedOnly(more),
    remedies: [...remedies],
    ...(relayed === undefined ? {} : { relay: relayed.record.setting }),
    engine: any.engine,
    firmware: (strict ?? configured[0])?.record.device.firmware ?? any.device.firmware,
    emulated: any.device.emulated,
    measuredAt,
    expiresAt: expiryOf(measuredAt, modes),
    trials: on.map((a) => a.record.trial),
  };
}

/**
 * Where nobody asked today's policy, the legacy one answers for it, if they differ in nothing that this device met: then
 * it has failed there as well. A person is not asked for a press that can show nothing new.
 */
function asToday(legacy: Answer | undefined, modes: readonly Mode[]): Answer | undefined {
  const [policy, today] = ['legacy', 'today'].map((id) => modes.find((m) => m.id === id));
  if (legacy?.finding.outcome !== 'fails' || policy === undefined || today === undefined) return undefined;
  return meetsTheSame(legacy.record, policy, today) ? legacy : undefined;
}

/** Mail goes through in this mode, if need be in the clear behind the owner's back. */
function carries({ finding }: Answer): boolean {
  return finding.outcome === 'works' || (finding.cause === 'plaintext-fallback' && finding.encrypted === false);
}

function isNamed(answer: Answer | undefined): boolean {
  const cause = answer?.finding.cause;
  return answer?.finding.outcome === 'fails' && cause !== undefined && cause !== 'connection-dropped';
}

/** The owner's relay got the mail of the installed firmware through strict. */
function isRelayed({ record, finding }: Answer): boolean {
  const { setting, mode, device } = record;
  return setting.via === 'relay' && mode === 'strict' && device.installed && finding.outcome === 'works';
}

/** The smallest proven change that enforces TLS. */
function bestChange(answers: readonly Answer[], configured: Setting): Answer | undefined {
  const enforcing = answers.filter(
    (a) => a.finding.outcome === 'works' && a.finding.encrypted === true && enforcesTls(a.record.setting),
  );
  const cost = (a: Answer) => costOfChange(a.record.setting, configured);
  return [...enforcing].sort((a, b) => cost(a) - cost(b))[0];
}

const ASK_VENDOR: readonly Remedy[] = ['firmware'];
const WAYS_AROUND: readonly Remedy[] = ['relay', 'other-function', 'replace'];
/** What the owner can enter differently; for any other cause the settings are not to blame. */
const SETTING_CAUSES: readonly Cause[] = [
  'wrong-tls-mode',
  'plaintext-only',
  'certificate-name',
  'certificate-dates',
  'auth-missing',
  'auth-rejected',
];

function remediesFor(word: VerdictWord, causes: readonly Cause[]): readonly Remedy[] {
  const setting: readonly Remedy[] = causes.some((c) => SETTING_CAUSES.includes(c)) ? ['setting'] : [];
  const remedies: { readonly [W in VerdictWord]: readonly Remedy[] } = {
    works: [],
    'works-after-change': ['setting'],
    'works-after-update': ['firmware'],
    'legacy-only': [...setting, ...ASK_VENDOR, 'legacy-host', ...WAYS_AROUND],
    'stops-working': [...setting, ...ASK_VENDOR, ...WAYS_AROUND],
    'fails-already': [...setting, ...ASK_VENDOR, ...WAYS_AROUND],
    unknown: [],
  };
  return remedies[word];
}

/** After a year, or on the next day on which a mode begins or ends: then it has to be asked again. */
function expiryOf(measuredAt: string, modes: readonly Mode[]): string {
  const day = measuredAt.slice(0, 10);
  const year = lastDayOf(measuredAt);
  const dates = modes.flatMap((m) => [m.dates.from, m.dates.until]).filter((d) => d !== undefined && d > day);
  return [year, ...dates].filter((d) => d !== undefined).sort()[0] ?? year;
}

function definedOnly(values: Partial<Verdict>): Partial<Verdict> {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined));
}
