import { planCounterTests } from '../../judging/counter-tests.ts';
import { nextPress } from '../../next-press.ts';
import { isWorthRepeating, type Plan, settingsOf } from '../../next-trial.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { Record } from '../../vocabulary/record.ts';
import { type Direction, type Trial, trialId } from '../../vocabulary/trial.ts';

/** Which trial is pressed next after these answers, or null: enough. */
export type Protocol = (answers: readonly Record[]) => Trial | null;

/** What attended runs do. The played person can enter whatever setting is in the device's file. */
export function pressAdaptively(plan: Plan, direction: Direction): Protocol {
  const others = settingsOf(plan.device, installedOf(plan.device), direction).slice(1);
  return (answers) => nextPress({ ...plan, direction, others }, answers)?.trial ?? null;
}

/**
 * What a list on paper would ask of everyone: strict, legacy and today; then, of each that failed, the counter-tests in
 * their order until one lets the device through; then the other settings in strict until one works.
 */
export function pressInFixedOrder(plan: Plan, direction: Direction): Protocol {
  const [configured, ...others] = settingsOf(plan.device, installedOf(plan.device), direction);
  if (configured === undefined) return () => null;
  const ordered = ['strict', 'legacy', 'today'].flatMap((id) => plan.modes.filter((m) => m.id === id));
  return (answers) => {
    const find = (trial: Trial) => answers.findLast((r) => r.trial === trial.id && !isWorthRepeating(r, plan.device));
    for (const { id } of ordered) {
      const trial = trialOf(plan, direction, { setting: configured, mode: id });
      if (find(trial) === undefined) return trial;
    }
    for (const mode of ordered) {
      const question = find(trialOf(plan, direction, { setting: configured, mode: mode.id }));
      for (const { change } of question === undefined ? [] : planCounterTests(question, mode)) {
        if (answers.some((r) => r.of === question?.trial && r.outcome === 'works')) break;
        const { id: of } = trialOf(plan, direction, { setting: configured, mode: mode.id });
        const trial = trialOf(plan, direction, { setting: configured, mode: mode.id, of, change });
        if (find(trial) === undefined) return trial;
      }
    }
    for (const setting of others) {
      if (answers.some((r) => r.role === 'question' && r.mode === 'strict' && r.outcome === 'works')) return null;
      const trial = trialOf(plan, direction, { setting, mode: 'strict' });
      if (find(trial) === undefined) return trial;
    }
    return null;
  };
}

/** What a protocol asks where all answers of the device are known, in its order; `missing`: the first that is not. */
export function replay(
  protocol: Protocol,
  device: Device,
  pool: readonly Record[],
): { readonly answers: readonly Record[]; readonly missing: Trial | null } {
  const answers: Record[] = [];
  for (;;) {
    const trial = protocol(answers);
    if (trial === null) return { answers, missing: null };
    const attempts = pool.filter((r) => r.trial === trial.id);
    const earlier = answers.filter((r) => r.trial === trial.id).length;
    const attempt = attempts[earlier];
    if (attempt === undefined) return { answers, missing: trial };
    // What came late stands in a further attempt, which nobody pressed for.
    const answer = isWorthRepeating(attempt, device) ? attempt : (attempts.at(-1) ?? attempt);
    if (answers.includes(answer)) throw new Error(`${trial.id}: asked again after an answer that stands`);
    answers.push(answer);
  }
}

export function installedOf(device: Device): string {
  return device.firmware[0]?.version ?? '';
}

function trialOf(
  { device, scenarios }: Plan,
  direction: Direction,
  asked: Pick<Trial, 'setting' | 'mode' | 'of' | 'change'>,
): Trial {
  const isOther = settingsOf(device, installedOf(device), direction)[0]?.id !== asked.setting.id;
  const scenario = scenarios.find(
    (s) => s.direction === direction && s.settings === (isOther ? 'others' : 'configured'),
  );
  const trial = {
    ...asked,
    role: asked.of === undefined ? ('question' as const) : ('counter-test' as const),
    device: device.id,
    firmware: installedOf(device),
    scenario: scenario?.id ?? '',
    direction,
    engine: 'embedded' as const,
  };
  return { id: trialId(trial), ...trial };
}
