import type { Cause, Finding } from '../vocabulary/finding.ts';
import type { Record } from '../vocabulary/record.ts';
import { newestBy } from './newest.ts';
import type { ConcludedFinding } from './settle.ts';

/**
 * What stands of each trial: its newest record, and where the question was asked again unchanged all answers of that
 * run, in the order in which they were asked. A later attempt of the same asking (trouble of the lab, mail that came
 * late) replaces the one before; a repetition never does.
 */
export function standingOf(records: readonly Record[]): readonly Record[] {
  const newest = newestBy(records, (r) => r.trial);
  const repeated = new Set(records.flatMap((r) => (r.repeat === undefined ? [] : [r.trial])));
  if (repeated.size === 0) return [...newest.values()];
  const ofRepeated = Map.groupBy(
    records.filter((r) => repeated.has(r.trial)),
    (r) => r.trial,
  );
  return [...newest.values()].flatMap((record) => {
    const asked = ofRepeated.get(record.trial) ?? [record];
    const ofThatRun = asked.filter((r) => r.run === record.run).toSorted((a, b) => askingOf(a) - askingOf(b));
    return [...newestBy(ofThatRun, askingOf).values()];
  });
}

/** 0: what was asked first. */
function askingOf({ repeat = 0 }: Record): number {
  return repeat;
}

/** Trouble of the lab's own says nothing about the device, and so nothing about how steady it is. */
const OF_THE_LAB: ReadonlySet<Cause | undefined> = new Set<Cause>(['server-trouble', 'harness-trouble']);

/**
 * One finding from all answers to an unchanged question. Where they differ it is never the lucky one: inconclusive,
 * or, where every answer is a failure, a failure of which the causes are open. Never more than suspected.
 */
export function settleAnswers(answers: readonly [ConcludedFinding, ...ConcludedFinding[]]): ConcludedFinding {
  const [first] = answers;
  if (answers.length === 1) return first;
  const own = ofTheDevice(answers);
  if (!isFlaky(answers)) return own.at(-1) ?? first;
  const because = [`Asked ${own.length} times unchanged, and the answers differ: ${renderCounts(own)}.`];
  if (!own.every((a) => a.outcome === 'fails')) return { outcome: 'inconclusive', because, confidence: 'suspected' };
  const [{ cause } = first] = own;
  const candidates = [...new Set(own.flatMap((a) => a.cause ?? []))];
  return {
    outcome: 'fails',
    ...(cause === undefined ? {} : { cause }),
    ...(candidates.length > 1 ? { candidates } : {}),
    ...(own.some((a) => a.silent === true) ? { silent: true } : {}),
    because,
    confidence: 'suspected',
  };
}

type Told = Pick<Finding, 'outcome' | 'cause' | 'silent'>;

/** Whether the answers to an unchanged question differ. */
export function isFlaky(answers: readonly Told[]): boolean {
  const [first, ...rest] = ofTheDevice(answers);
  return first !== undefined && rest.some((a) => !isSame(a, first));
}

function ofTheDevice<T extends Told>(answers: readonly T[]): readonly T[] {
  return answers.filter((a) => !OF_THE_LAB.has(a.cause));
}

/** Whether two answers are one, as far as people are told: what came out, why, and whether the device said so. */
export function isSame(a: Told, b: Told): boolean {
  return a.outcome === b.outcome && a.cause === b.cause && (a.silent ?? false) === (b.silent ?? false);
}

/** `3 of 4: works; 1 of 4: fails, connection-dropped`. */
export function renderCounts(answers: readonly Told[]): string {
  const words = answers.map(({ outcome, cause, silent }) =>
    [outcome, ...(cause === undefined ? [] : [cause]), ...(silent === true ? ['silent'] : [])].join(', '),
  );
  return [...Map.groupBy(words, (w) => w)]
    .map(([word, all]) => `${all.length} of ${answers.length}: ${word}`)
    .join('; ');
}
