import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { scheduleOf } from '../../reports/phase.ts';
import { attendedIds } from '../attend/desk/read-device-list.ts';
import type { Language } from '../cause-texts.ts';
import { HarnessFault } from '../faults.ts';
import { renderAnswered } from '../lists/give-back.ts';
import { createMatcher } from '../lists/match-device.ts';
import { type DeviceList, whyUnread } from '../lists/read-list.ts';
import type { StoredRun } from '../records.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Verdict } from '../vocabulary/verdict.ts';
import { concludeRuns, policiesOf } from './conclusions.ts';
import { answerRow, type Knowledge, type RowAnswer } from './list-answer.ts';
import { LIST_COLUMNS, renderCells } from './list-cells.ts';
import { LIST_WORDS } from './list-words.ts';

export interface GiveBackOptions {
  readonly out: string;
  readonly asOf: Date;
  readonly language: Language;
  /** Of the folder with device files, and of the catalogue. */
  readonly known: readonly Device[];
}

/**
 * Writes `OUT/<name>.cutover.xlsx` or `.csv`: the list as it was given, with what is known of each row. Says on stderr
 * how many rows are measured. Throws HarnessFault `list-unwritable`.
 */
export function giveBack(list: DeviceList, runs: readonly StoredRun[], options: GiveBackOptions): void {
  const { out, language, asOf, known } = options;
  const { records, verdicts } = concludeRuns(runs);
  const knowledge = knowledgeOf(list, runs, { known, verdicts });
  const answers = list.rows.map((row) => answerRow(row, knowledge));
  const say = LIST_WORDS[language];
  const byTrial = new Map(records.map((r) => [r.trial, r]));
  const schedule = scheduleOf(knowledge.policies, asOf);
  const context = { language, schedule, recordOf: (trial: string) => byTrial.get(trial) };
  const cells = new Map(answers.map((answer) => [answer.row.number, renderCells(answer, context)]));
  const unread = whyUnread(list);
  const added = LIST_COLUMNS.map((column) => {
    const texts = new Map([...cells].map(([row, own]) => [row, own[column]]));
    if (column === 'note') for (const [row, why] of unread) texts.set(row, `${say.unreadable}: ${why}`);
    return { heading: say[column], texts };
  });
  const { bytes, extension } = renderAnswered(list, added);
  const name = basename(list.path, extname(list.path)).replace(/\.cutover$/, '');
  const path = join(out, `${name}.cutover.${extension}`);
  writeWhole(path, bytes);
  const count = (standing: RowAnswer['standing']) => answers.filter((a) => a.standing === standing).length;
  const lost = unread.size === 0 ? '' : `, ${unread.size} cannot be read`;
  console.error(
    `cutover: the list in ${path}: ${answers.length + unread.size} rows, ${count('measured')} measured, ${count('claimed')} claimed only, ${count('nothing')} unknown${lost}`,
  );
}

function knowledgeOf(
  list: DeviceList,
  runs: readonly StoredRun[],
  { known, verdicts }: { readonly known: readonly Device[]; readonly verdicts: readonly Verdict[] },
): Knowledge {
  return {
    // What a run made of rows is found by their ids; that it has names of other devices must not make those unclear.
    matcher: createMatcher(known),
    devices: new Map([...known, ...runs.flatMap((r) => r.devices)].map((d) => [d.id, d])),
    verdicts: Map.groupBy(verdicts, (v) => v.device),
    policies: policiesOf(runs),
    attended: attendedIds(list, known),
  };
}

/** Who has the old one open reads that to its end. */
function writeWhole(path: string, bytes: Buffer): void {
  const half = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(half, bytes);
    renameSync(half, path);
  } catch (cause) {
    rmSync(half, { force: true });
    throw new HarnessFault('list-unwritable', `${path}: the list cannot be written`, {
      stage: 'report',
      advice: 'Close it in the spreadsheet program, then `cutover report OUT --list FILE` writes it again.',
      cause,
    });
  }
}
