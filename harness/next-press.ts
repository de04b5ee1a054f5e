import { CAUSE_RULES } from './causes.ts';
import { HarnessFault } from './faults.ts';
import { costOfChange, couldUndo, enforcesTls, fitsPort, isOfHello } from './judging/better-setting.ts';
import { type CounterTest, planCounterTests } from './judging/counter-tests.ts';
import { meetsTheSame } from './judging/same-policy.ts';
import { agree, type ConcludedFinding, settleFinding } from './judging/settle.ts';
import { isWorthRepeating, settingsOf } from './next-trial.ts';
import { MAX_PRESSES, type PressReason } from './vocabulary/attend.ts';
import type { Device } from './vocabulary/device.ts';
import type { Mode } from './vocabulary/mode.ts';
import type { Record } from './vocabulary/record.ts';
import { type Direction, type Scenario, type Setting, type Trial, trialId } from './vocabulary/trial.ts';

/** One device and direction, at which a person presses the button. */
export interface PressPlan {
  readonly device: Device;
  readonly direction: Direction;
  /** The policies, known by their ids: strict is pressed first, then legacy and today as far as they decide anything. */
  readonly modes: readonly Mode[];
  readonly scenarios: readonly Scenario[];
  /** What the person can enter instead of the setting as configured, without what was not found in the menus. */
  readonly others: readonly Setting[];
}

export interface Press {
  readonly trial: Trial;
  readonly reason: PressReason;
  /** Which press of the device and direction it is, from 1. */
  readonly number: number;
}

/**
 * What meets the next press, or null: the verdict and its cause are known, nothing more can be learnt, or enough was
 * asked of the person. Decided from the records alone, so that a run goes on after a restart. Trouble of the lab's own is
 * pressed once more; whether a device that never connected is pressed again is for the person to say.
 *
 * Throws HarnessFault `nothing-to-press` for a device without firmware, setting or scenario for the direction.
 */
export function nextPress(plan: PressPlan, records: readonly Record[]): Press | null {
  const board = openBoard(plan, records);
  if (board.pressed >= MAX_PRESSES) return null;
  const choice = choose(board);
  if (choice === null) return null;
  const trial = renderTrial(plan, board, choice);
  const isAgain = records.some((r) => r.trial === trial.id);
  return { trial, reason: isAgain ? 'again' : choice.reason, number: board.pressed + 1 };
}

interface Answer {
  readonly record: Record;
  readonly mode: Mode;
  readonly finding: ConcludedFinding;
}

/** What is known of one device and direction. */
interface Board {
  readonly firmware: string;
  readonly configured: Setting;
  readonly pressed: number;
  /** Newest of each trial, without what is pressed again. */
  readonly known: readonly Record[];
  readonly questions: readonly Answer[];
  readonly modeOf: (id: string) => Mode | undefined;
  /** The answer as configured. */
  readonly in: (mode: string) => Answer | undefined;
  /** To try instead, the best first. */
  readonly untried: readonly Setting[];
  readonly tried: readonly Answer[];
}

interface Choice extends Pick<Trial, 'of' | 'change' | 'setting' | 'mode'> {
  readonly reason: PressReason;
}

function openBoard(plan: PressPlan, records: readonly Record[]): Board {
  const { device, direction, modes } = plan;
  const firmware = device.firmware[0]?.version;
  const configured = firmware === undefined ? undefined : settingsOf(device, firmware, direction)[0];
  if (firmware === undefined || configured === undefined)
    throw new HarnessFault('nothing-to-press', `${device.id}: no firmware or no setting to ${direction} with`, {
      stage: 'configuration',
      advice: 'Name the installed version, and the setting as it is configured, in the file of the device.',
    });
  const own = records.filter(
    (r) => r.device.id === device.id && r.device.firmware === firmware && r.direction === direction,
  );
  const byTrial = [...Map.groupBy(own, (r) => r.trial).values()];
  const isRepeated = (r: Record) => isWorthRepeating(r, device);
  const known = byTrial.flatMap((attempts) => attempts.slice(-1)).filter((r) => !isRepeated(r));
  // What came late is a further attempt in the records, and nobody pressed for it.
  const pressed = byTrial.reduce((sum, attempts) => sum + 1 + attempts.slice(0, -1).filter(isRepeated).length, 0);
  const modeOf = (id: string) => modes.find((m) => m.id === id);
  const questions = known.flatMap((record) => {
    const mode = modeOf(record.mode);
    if (record.role !== 'question' || mode === undefined) return [];
    return [{ record, mode, finding: settleFinding(record, known, modes) }];
  });
  const tried = questions.filter((a) => a.record.setting.id !== configured.id);
  return {
    firmware,
    configured,
    pressed,
    known,
    questions,
    modeOf,
    in: (mode) => questions.find((a) => a.record.setting.id === configured.id && a.record.mode === mode),
    tried,
    untried: plan.others
      .filter((s) => s.id !== configured.id && enforcesTls(s) && fitsPort(s))
      .filter((s) => !tried.some((a) => a.record.setting.id === s.id))
      .sort((a, b) => costOfChange(a, configured) - costOfChange(b, configured)),
  };
}

/** Verdict first, cause second; what follows from what was seen is not asked. */
function choose(board: Board): Choice | null {
  const strict = board.in('strict');
  if (strict === undefined) return question(board, 'first', 'strict');
  if (strict.finding.outcome === 'works') return null;
  // Nothing but a failure leads to a verdict: a counter-test may still make one of it.
  if (strict.finding.outcome !== 'fails') return counterTest(board, [strict]);
  if (board.tried.some((a) => a.finding.outcome === 'works')) return counterTest(board, [strict]);
  const setting = betterSetting(board, strict);
  if (setting !== null) return setting;

  const legacy = board.in('legacy');
  if (legacy === undefined && board.modeOf('legacy') !== undefined) return question(board, 'legacy', 'legacy');
  if (legacy === undefined || carries(legacy)) return counterTest(board, [strict]) ?? lastResort(board, strict);
  const today = board.in('today');
  const policy = board.modeOf('today');
  const decides = legacy.finding.outcome === 'fails' && policy !== undefined && today === undefined;
  if (decides && !meetsTheSame(legacy.record, legacy.mode, policy)) return question(board, 'today', 'today');
  if (today !== undefined && carries(today)) return counterTest(board, [strict]) ?? lastResort(board, strict);
  return counterTest(board, [strict, legacy, ...(today === undefined ? [] : [today])]) ?? lastResort(board, strict);
}

function question({ configured, modeOf }: Board, reason: PressReason, mode: string): Choice | null {
  return modeOf(mode) === undefined ? null : { reason, mode, setting: configured };
}

/** Mail goes through, if need be in the clear behind the owner's back. */
function carries({ finding }: Answer): boolean {
  return finding.outcome === 'works' || (finding.cause === 'plaintext-fallback' && finding.encrypted === false);
}

/** The first change of one key that may still name an open cause. */
function counterTest(board: Board, questions: readonly Answer[]): Choice | null {
  for (const answer of questions) {
    if (!isOpen(answer)) continue;
    const { record } = answer;
    for (const { change } of inOrder(planCounterTests(record, answer.mode), record)) {
      const choice: Choice = {
        reason: 'counter-test',
        mode: record.mode,
        setting: record.setting,
        of: record.trial,
        change,
      };
      const isKnown = board.known.some((r) => r.of === record.trial && isSameTest(r, change));
      if (
        !isKnown &&
        !isCleared(board, answer, change.path) &&
        !(change.path === 'certificate.names' && isCovered(answer))
      )
        return choice;
    }
  }
  return null;
}

/** As far as a trial's id tells: lists that are added to are not part of it. */
function isSameTest({ change }: Record, { path, to }: CounterTest['change']): boolean {
  return change?.path === path && (typeof to !== 'string' || change.to === to);
}

/** A cause that stands in the bytes needs no counter-test. Of a cause that others share one mode's answer is enough. */
function isOpen({ record, finding }: Answer): boolean {
  if (finding.candidates !== undefined) return true;
  const isTrace = finding.cause !== undefined && CAUSE_RULES[finding.cause].decidedBy === 'trace';
  return record.mode === 'strict' && isTrace && finding.confidence === 'suspected';
}

/** A root that the device was never given is the likeliest reason to go. */
function inOrder(counterTests: readonly CounterTest[], { device }: Record): readonly CounterTest[] {
  if (device.trust === 'run-ca') return counterTests;
  const isRoot = (c: CounterTest) => c.cause === 'certificate-untrusted';
  return [...counterTests.filter(isRoot), ...counterTests.filter((c) => !isRoot(c))];
}

/** It went through, encrypted, in a mode that has the same there. Names are another matter: each mode has its own hosts. */
function isCleared({ questions }: Board, { record, mode }: Answer, path: string): boolean {
  if (path === 'certificate.names') return false;
  return questions.some(
    (a) =>
      a.record.setting.id === record.setting.id &&
      a.finding.outcome === 'works' &&
      a.finding.encrypted === true &&
      agree(a.mode, mode, path),
  );
}

/** The certificate that it saw carries the name that it was given. */
function isCovered({ record, mode }: Answer): boolean {
  const { connections } = record.evidence.wire;
  const typed = record.setting.host ?? connections.find((c) => (c.hello?.sni ?? null) !== null)?.hello?.sni;
  const names = [...Object.values(mode.hosts), ...connections.flatMap((c) => c.certificate?.names ?? [])];
  return typed === undefined || typed === null || names.includes(typed);
}

/** Another setting that may well undo the cause: if strict takes it, nothing else needs to be asked. */
function betterSetting(board: Board, { finding }: Answer): Choice | null {
  // One press is kept for the legacy servers, and a hello that was refused is the same with every setting.
  if (board.pressed >= MAX_PRESSES - 1 || board.tried.some((a) => isOfHello(a.finding.cause))) return null;
  const causes = [...(finding.cause === undefined ? [] : [finding.cause]), ...(finding.candidates ?? [])];
  const setting = board.untried.find((s) => causes.some((cause) => couldUndo(cause, board.configured, s)));
  return setting === undefined ? null : { reason: 'setting', mode: 'strict', setting };
}

/** Nobody knows why it was dropped: another port or kind of encryption is the last thing to try. */
function lastResort(board: Board, { finding }: Answer): Choice | null {
  const isUnexplained = finding.cause === 'connection-dropped' && board.tried.length === 0;
  const setting = isUnexplained ? board.untried.find((s) => s.port !== board.configured.port) : undefined;
  return setting === undefined ? null : { reason: 'setting', mode: 'strict', setting };
}

function renderTrial({ device, direction, scenarios }: PressPlan, board: Board, choice: Choice): Trial {
  const settings = choice.setting.id === board.configured.id ? 'configured' : 'others';
  const own = scenarios.filter((s) => s.direction === direction);
  const scenario = own.find((s) => s.settings === settings && !s.onRequest) ?? own[0];
  if (scenario === undefined)
    throw new HarnessFault('nothing-to-press', `${device.id}: no scenario to ${direction}`, { stage: 'configuration' });
  const { reason: _, ...rest } = choice;
  const trial = {
    ...rest,
    role: choice.of === undefined ? ('question' as const) : ('counter-test' as const),
    device: device.id,
    firmware: board.firmware,
    scenario: scenario.id,
    direction,
    engine: 'embedded' as const,
  };
  return { id: trialId(trial), ...trial };
}
