import { composeAnswer, type Answer } from '../../reports/lookup/answers.ts';
import type { Row } from '../lists/list-row.ts';
import type { Match, Matcher } from '../lists/match-device.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Verdict } from '../vocabulary/verdict.ts';

/** What is known of the device that a row names. */
export interface RowAnswer {
  readonly row: Row;
  readonly match: Match;
  /** Of the device, else of the series that it belongs to. Null: nobody can tell which device it is, or nothing is known. */
  readonly answer: Answer | null;
  readonly isOfSeries: boolean;
  /** `measured`: at least one direction, with a clear result. */
  readonly standing: 'measured' | 'claimed' | 'nothing';
}

export interface Knowledge {
  readonly matcher: Matcher;
  readonly devices: ReadonlyMap<string, Device>;
  readonly verdicts: ReadonlyMap<string, readonly Verdict[]>;
  readonly policies: readonly Mode[];
  /** Ids that an attended run gave to rows, where it gave them others than their models'. */
  readonly attended: ReadonlyMap<number, string>;
}

/** Measured where the runs have a verdict, else what sources say. */
export function answerRow(row: Row, knowledge: Knowledge): RowAnswer {
  const { matcher, devices, verdicts, policies, attended } = knowledge;
  const match = matcher.find(row);
  const own = attended.get(row.number);
  const tried = own !== undefined && verdicts.has(own) ? devices.get(own) : undefined;
  const device = tried ?? (match.kind === 'matched' ? match.device : undefined);
  const series =
    device === undefined ? seriesOf(match) : isSpokenOf(device, verdicts) ? null : matcher.findSeries(device);
  const about = series ?? device;
  if (about === undefined) return { row, match, answer: null, isOfSeries: false, standing: 'nothing' };
  // A version of one model says nothing of the others in its series.
  const known = series === null && row.firmware !== null ? { firmware: row.firmware } : {};
  const measured = series === null ? (verdicts.get(about.id) ?? []) : [];
  const answer = composeAnswer(about, measured, policies, known);
  const isMeasured = answer.directions.some(
    ({ verdict: v }) => v !== null && v.basis !== 'claimed' && v.verdict !== 'unknown',
  );
  const standing = isMeasured ? 'measured' : answer.claims.length > 0 ? 'claimed' : 'nothing';
  return { row, match, answer, isOfSeries: series !== null, standing };
}

function seriesOf(match: Match): Device | null {
  return match.kind === 'new' ? match.family : null;
}

/** A file that an import made says nothing itself. */
function isSpokenOf(device: Device, verdicts: Knowledge['verdicts']): boolean {
  return device.claims.length > 0 || verdicts.has(device.id);
}
