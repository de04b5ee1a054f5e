import { isTrouble } from '../causes.ts';
import { conclude } from '../conclude.ts';
import { standingOf } from '../judging/repeats.ts';
import { settleFinding } from '../judging/settle.ts';
import type { StoredRun } from '../records.ts';
import { evidenceOf } from '../records/record-lines.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import { contextOf } from './context-of-run.ts';
import { factsOf } from './facts-of-device.ts';
import { createShare } from './share.ts';
import {
  type Answer,
  type Context,
  type Facts,
  foundOf,
  keyOf,
  type Question,
  type Spared,
  sparedKey,
  type State,
} from './state.ts';

/** The settled answers of one run. */
export function stateOfRun({ run, records, devices }: Pick<StoredRun, 'run' | 'records' | 'devices'>): State {
  const { run: name, startedAt: at, modes } = run;
  const share = createShare();
  const facts = new Map(devices.map((d) => [d.id, factsOf(d, share)]));
  return stateOfRecords(standingOf(records), { name, at, context: contextOf(run), modes, facts });
}

export interface About extends Pick<State, 'name' | 'at'> {
  readonly context: Context;
  readonly modes: readonly Mode[];
  /** By device. */
  readonly facts: ReadonlyMap<string, Facts>;
}

/** The settled answers among records, of which each trial has those that stand (`standingOf`). */
export function stateOfRecords(records: readonly Record[], about: About): State {
  const { name, at, context } = about;
  const answers = new Map<string, Answer>();
  const spared = new Map<string, Spared>();
  for (const own of Map.groupBy(records, (r) => r.device.id).values()) {
    for (const answer of answersOf(own, about)) answers.set(answer.key, answer);
    for (const r of own) {
      if (r.role !== 'control-forgiving' || !isTrouble(r.cause)) continue;
      const { id: device, firmware, installed } = r.device;
      spared.set(sparedKey({ device, firmware, installed, direction: r.direction }), { found: foundOf(r), context });
    }
  }
  return { name, at, answers, spared };
}

function answersOf(records: readonly Record[], { context, modes, facts }: About): readonly Answer[] {
  const { findings } = conclude(records, modes);
  const questions = Map.groupBy(
    records.filter((r) => r.role === 'question'),
    (r) => r.trial,
  );
  return [...questions].flatMap(([trial, asked]) => {
    const last = asked.at(-1);
    const finding = findings.get(trial);
    if (last === undefined || finding === undefined) return [];
    const { device, direction, asConfigured } = last;
    const question = questionOf(last);
    return [
      {
        ...question,
        key: keyOf(question),
        direction,
        asConfigured,
        found: foundOf(finding),
        answers: asked.length === 1 ? [foundOf(finding)] : asked.map((r) => foundOf(settleFinding(r, records, modes))),
        context,
        facts: facts.get(device.id) ?? null,
        evidence: evidenceOf(last),
      },
    ];
  });
}

/** The key of a record's question, whatever was answered. */
export function keyOfRecord(record: Record): string {
  return keyOf(questionOf(record));
}

function questionOf({ device, scenario, setting, mode, engine }: Record): Question {
  const { id, firmware, installed } = device;
  return { device: id, firmware, installed, scenario, setting: setting.id, mode, engine };
}
