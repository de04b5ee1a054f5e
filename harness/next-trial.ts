import { isTrouble } from './causes.ts';
import { isShared, planCounterTests } from './judging/counter-tests.ts';
import type { Device } from './vocabulary/device.ts';
import type { Mode } from './vocabulary/mode.ts';
import type { Record } from './vocabulary/record.ts';
import type { Direction, Scenario, Setting, Trial } from './vocabulary/trial.ts';
import { trialId } from './vocabulary/trial.ts';
import type { EngineName } from './vocabulary/verdict.ts';

export interface Plan {
  readonly device: Device;
  /** Policies, in the order in which they are asked. */
  readonly modes: readonly Mode[];
  /** The control mode: lets through whatever can send at all. */
  readonly forgiving: Mode;
  readonly scenarios: readonly Scenario[];
  /** Whose servers the questions are put to. Controls and counter-tests always run on `embedded`, which is the default. */
  readonly engine?: EngineName;
  /**
   * Each mode is asked once, as configured, and the device is watched this long after its first connection, in its own
   * seconds: what it does when it is refused, not why. So there are neither controls nor counter-tests.
   */
  readonly watchSeconds?: number;
}

/**
 * The next trial of a device, or null when there is nothing more to learn. Decided from the records so far alone, so
 * a run that was cut off goes on where it ended, and shards agree.
 */
export function nextTrial(plan: Plan, records: readonly Record[]): Trial | null {
  // What was asked again unchanged tells how steady an answer is, not what comes next.
  const known = new Map(records.filter((r) => r.repeat === undefined).map((r) => [r.trial, r]));
  const steps = planTrials(plan);
  let answer: Record | undefined;
  for (;;) {
    const step = steps.next(answer);
    if (step.done === true) return null;
    answer = known.get(step.value.id);
    if (answer === undefined || isWorthRepeating(answer, plan.device)) return step.value;
  }
}

/**
 * Trouble of the lab's own passes; a second time it is part of the result. Both attempts are recorded. A device in a
 * container, or an emulated one, is the lab's own too: its start and its login wait for a busy machine.
 */
export function isWorthRepeating({ cause, attempt }: Record, { reach }: Device): boolean {
  const isOurs =
    cause === 'server-trouble' ||
    cause === 'harness-trouble' ||
    (cause === 'device-trouble' && (reach?.driver === 'container' || reach?.driver === 'emulated'));
  return isOurs && attempt < 2;
}

/** Each trial in turn; the record of the one yielded comes back before the next is chosen. */
type Steps<T = void> = Generator<Trial, T, Record | undefined>;

function* planTrials(plan: Plan): Steps {
  // A firmware at a time: changing it means to start the device anew, which takes a container seconds.
  for (const firmware of drivableFirmware(plan.device)) {
    for (const direction of ['send', 'fetch'] as const) {
      const scenarios = plan.scenarios.filter((s) => s.direction === direction && s.settings === 'configured');
      const others = plan.scenarios.find((s) => s.direction === direction && s.settings === 'others');
      const [first] = scenarios;
      if (first === undefined) continue;
      const [configured, ...rest] = settingsOf(plan.device, firmware, direction);
      if (configured === undefined) continue;
      const about = { plan, firmware, direction };
      if (plan.watchSeconds !== undefined) {
        for (const scenario of scenarios) {
          for (const mode of plan.modes)
            yield* ask({ ...about, scenario, setting: configured, mode, role: 'question' });
        }
        continue;
      }
      const control = yield* ask({
        ...about,
        scenario: first,
        setting: configured,
        mode: plan.forgiving,
        role: 'control-forgiving',
      });
      if (isTrouble(control?.cause)) continue;
      yield* ask({ ...about, scenario: first, setting: configured, mode: plan.forgiving, role: 'control-refused' });
      let failsStrict = false;
      for (const scenario of scenarios) {
        for (const mode of plan.modes) {
          const answer = yield* askWithCounterTests({
            ...about,
            scenario,
            setting: configured,
            mode,
            role: 'question',
          });
          if (mode.id === 'strict' && answer?.outcome !== 'works') failsStrict = true;
        }
      }
      if (others === undefined || !failsStrict) continue;
      for (const setting of rest) {
        for (const mode of plan.modes) yield* ask({ ...about, scenario: others, setting, mode, role: 'question' });
      }
    }
  }
}

interface Question {
  readonly plan: Plan;
  readonly firmware: string;
  readonly direction: Direction;
  readonly scenario: Scenario;
  readonly setting: Setting;
  readonly mode: Mode;
  readonly role: Trial['role'];
}

function* ask(q: Question, more: Pick<Trial, 'of' | 'change'> = {}): Steps<Record | undefined> {
  const trial = {
    role: q.role,
    ...more,
    device: q.plan.device.id,
    firmware: q.firmware,
    scenario: q.scenario.id,
    direction: q.direction,
    setting: q.setting,
    mode: q.mode.id,
    engine: q.role === 'question' ? (q.plan.engine ?? 'embedded') : ('embedded' as const),
  };
  return yield { id: trialId(trial), ...trial };
}

function* askWithCounterTests(q: Question): Steps<Record | undefined> {
  const answer = yield* ask(q);
  if (answer === undefined) return undefined;
  const counterTests = planCounterTests(answer, q.mode);
  if (counterTests.length > 0 && answer.engine !== 'embedded') {
    const unchanged = yield* ask({ ...q, role: 'counter-test' }, { of: answer.trial });
    if (unchanged === undefined || !isShared(unchanged)) return answer;
  }
  for (const { change } of counterTests) {
    const counter = yield* ask({ ...q, role: 'counter-test' }, { of: answer.trial, change });
    if (counter?.outcome === 'works') break;
  }
  return answer;
}

/** The installed firmware, and of emulated devices and those in containers every other version that was built. */
function drivableFirmware(device: Device): readonly string[] {
  const driver = device.reach?.driver;
  const isBuilt = (f: Device['firmware'][number]): boolean =>
    (driver === 'emulated' && f.emulated !== undefined) || (driver === 'container' && f.container !== undefined);
  return device.firmware.filter((f, i) => i === 0 || isBuilt(f)).map((f) => f.version);
}

/** A firmware's own settings stand in for the device's. First = as configured. */
export function settingsOf(device: Device, firmware: string, direction: Direction): readonly Setting[] {
  const own = device.firmware.find((f) => f.version === firmware)?.settings;
  return (own ?? device.settings).filter((s) => (s.protocol === 'smtp') === (direction === 'send'));
}
