import { posix } from 'node:path';
import { basisText } from '../../reports/basis-texts.ts';
import { renderDay } from '../../reports/dates.ts';
import type { DirectionAnswer } from '../../reports/lookup/answers.ts';
import type { Schedule } from '../../reports/phase.ts';
import { settingRows } from '../../reports/setting-words.ts';
import { type Situation, settingToEnter } from '../../reports/situation.ts';
import { CONFIDENCE_TEXTS, verdictName } from '../../reports/verdict-texts.ts';
import { causeText, type Language } from '../cause-texts.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Direction } from '../vocabulary/trial.ts';
import type { Verdict } from '../vocabulary/verdict.ts';
import type { RowAnswer } from './list-answer.ts';
import { LIST_WORDS, type ListWords } from './list-words.ts';

export interface CellContext {
  readonly language: Language;
  readonly schedule: Schedule;
  /** The newest record of a trial. */
  readonly recordOf: (trial: string) => Record | undefined;
}

type Column = 'device' | 'send' | 'fetch' | 'cause' | 'enter' | 'basis' | 'testedOn' | 'evidence' | 'note';
export const LIST_COLUMNS: readonly Column[] = [
  'device',
  'send',
  'fetch',
  'cause',
  'enter',
  'basis',
  'testedOn',
  'evidence',
  'note',
];

/** What the added columns say of a row, as on the day of the schedule. */
export function renderCells(about: RowAnswer, context: CellContext): Cells {
  const say = LIST_WORDS[context.language];
  const { answer } = about;
  const empty = { device: '', send: '', fetch: '', cause: '', enter: '', basis: '', testedOn: '', evidence: '' };
  if (answer === null) return { ...empty, note: noteOf(about, null, say) };
  const { device, directions } = answer;
  const told = directions.flatMap(({ verdict }) =>
    verdict === null
      ? []
      : [{ direction: verdict.direction, verdict, situation: situationOf(verdict, device, context) }],
  );
  const each = (render: (one: Told) => string) => joined(told, render, say);
  const verdictFor = (direction: Direction) => {
    const own = directions.find((d) => d.direction === direction);
    return own === undefined ? '' : renderVerdict(own, device, context, say);
  };
  const measured = told.filter(({ verdict }) => verdict.basis !== 'claimed');
  return {
    device: nameOf(about, device),
    send: verdictFor('send'),
    fetch: verdictFor('fetch'),
    cause: each(({ verdict }) => renderCause(verdict, device, context.language)),
    enter: each(({ situation }) => renderEntries(situation, say)),
    basis: each(({ situation }) => basisText(situation)),
    testedOn: joined(measured, ({ verdict }) => renderDay(verdict.measuredAt, context.language), say),
    evidence: [...new Set(directions.flatMap((d) => evidenceOf(d, context, say)))].join('; '),
    note: noteOf(about, measured[0]?.verdict ?? null, say),
  };
}

type Cells = { readonly [C in Column]: string };

interface Told {
  readonly direction: Direction;
  readonly verdict: Verdict;
  readonly situation: Situation;
}

function situationOf(verdict: Verdict, device: Device, { schedule, language }: CellContext): Situation {
  return { verdict, device, schedule, language };
}

/** The same for all directions is said once. */
function joined(told: readonly Told[], render: (one: Told) => string, say: ListWords): string {
  const texts = told.map((one) => ({ one, text: render(one) })).filter(({ text }) => text !== '');
  const [first] = texts;
  if (first === undefined) return '';
  if (texts.length === told.length && texts.every(({ text }) => text === first.text)) return first.text;
  return texts.map(({ one, text }) => `${one.direction === 'send' ? say.sending : say.fetching}: ${text}`).join('; ');
}

/** A claim never looks like a measurement, and an emulated device never like a real one. */
function renderVerdict(own: DirectionAnswer, device: Device, context: CellContext, say: ListWords): string {
  const { verdict, question, conflict, claimed } = own;
  if (question !== null) return say.asks[question.kind];
  if (verdict === null) return claimed.length > 0 ? say.silent : '';
  if (verdict.basis === 'claimed' && conflict) return say.conflict;
  if (verdict.basis === 'claimed' && verdict.verdict === 'unknown') return say.silent;
  const name = verdictName(situationOf(verdict, device, context));
  if (verdict.basis === 'claimed') return say.claimed(name);
  return verdict.emulated ? say.emulated(name) : name;
}

function renderCause({ causes: [cause], confidence, basis }: Verdict, device: Device, language: Language): string {
  if (cause === undefined) return '';
  const { name } = causeText(cause, device.kind).customer[language];
  return basis === 'claimed' ? name : `${name} (${CONFIDENCE_TEXTS[confidence][language]})`;
}

/** What its owner has to change: nothing where it works as it is. */
function renderEntries(situation: Situation, say: ListWords): string {
  const { verdict, device, language } = situation;
  if (verdict.verdict === 'works') return '';
  const update = verdict.update === undefined ? [] : [say.update(verdict.update)];
  const entry = settingToEnter(situation);
  const rows = entry === null ? [] : settingRows(entry.setting, entry.host, language, device?.kind);
  return [...update, ...rows.map(({ label, value }) => `${label}: ${value}`)].join(', ');
}

/** The folder with what was seen, from the list on; of a claim the address of its source. */
function evidenceOf({ verdict, claimed }: DirectionAnswer, context: CellContext, say: ListWords): readonly string[] {
  if (verdict !== null && verdict.basis !== 'claimed') {
    const records = verdict.trials.flatMap((trial) => context.recordOf(trial) ?? []);
    const kept = records.filter((r) => r.attachments.length > 0);
    const telling = kept.find((r) => r.mode === 'strict' && r.role === 'question') ?? kept[0];
    const path = telling?.attachments[0]?.path;
    return telling === undefined || path === undefined ? [] : [posix.join('runs', telling.run, posix.dirname(path))];
  }
  return claimed.slice(0, MOST_SOURCES).map(({ claim }) => `${say.source}: ${claim.source.url}`);
}

/** Of a direction; `cutover lookup` has all. */
const MOST_SOURCES = 2;

function nameOf({ match, isOfSeries }: RowAnswer, device: Device): string {
  if (isOfSeries) return '';
  if (match.kind !== 'matched' || match.confidence === 1) return device.id;
  return `${device.id} (${Math.floor(match.confidence * 100)} % "${match.name}")`;
}

function noteOf(
  { row, match, standing, isOfSeries, answer }: RowAnswer,
  measured: Verdict | null,
  say: ListWords,
): string {
  if (match.kind === 'unclear' && answer === null) {
    const names = match.candidates.map((c) => `${c.device.id} (${Math.floor(c.confidence * 100)} %)`);
    return say.unclear(names.join(', '));
  }
  if (match.kind === 'no-such-id' && answer === null) return say.noSuchId(match.id);
  if (answer === null) return `${say.unknown}; ${say.nothingKnown}`;
  if (measured !== null) {
    const isOther = row.firmware !== null && row.firmware !== measured.firmware;
    return isOther ? say.otherFirmware(measured.firmware, row.firmware ?? '') : '';
  }
  const { id, vendor, model, reach } = answer.device;
  if (reach !== undefined && reach.driver !== 'button') return say.notYet;
  const why = standing === 'claimed' ? say.notTested : say.unknown;
  return isOfSeries ? `${why}; ${say.ofSeries(id, `${vendor} ${model}`)}` : why;
}
