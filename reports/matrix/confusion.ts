import type { Device } from '../../harness/vocabulary/device.ts';
import type { Cause, Outcome } from '../../harness/vocabulary/finding.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import { expectationOf } from './expectation.ts';

export interface Confusion {
  /** Table: built as (rows) against judged as (columns), then the trials off the diagonal. */
  readonly text: string;
  readonly diagonal: boolean;
  readonly off: readonly { readonly trial: string; readonly built: string; readonly judged: string }[];
  /** Trials compared. Nothing compared proves nothing. */
  readonly compared: number;
}

/** Cause by construction (the device file's `expect`) against cause judged, over questions as configured. */
export function renderConfusion(records: readonly Record[], devices: readonly Device[]): Confusion {
  const pairs = records
    .filter((r) => r.role === 'question' && r.asConfigured)
    .flatMap((record) => {
      const device = devices.find((d) => d.id === record.device.id);
      const expected = device && expectationOf(device, record);
      return expected ? [{ trial: record.trial, built: wordOf(expected), judged: wordOf(record) }] : [];
    });
  const off = pairs.filter((p) => p.built !== p.judged);
  return { text: render(pairs, off), diagonal: off.length === 0 && pairs.length > 0, off, compared: pairs.length };
}

type Pair = Confusion['off'][number];

/** `works`, or the cause of a failure; any other outcome with its cause: inconclusive is not a failure. */
function wordOf(finding: { readonly outcome: Outcome; readonly cause?: Cause | undefined }): string {
  const { outcome, cause } = finding;
  return outcome === 'fails' && cause !== undefined ? cause : [outcome, cause].filter(Boolean).join(' ');
}

function render(pairs: readonly Pair[], off: readonly Pair[]): string {
  const words = [...new Set(pairs.flatMap((p) => [p.built, p.judged]))].sort();
  const width = Math.max(8, ...words.map((w) => w.length));
  const letters = words.map((_, i) => columnLetter(i));
  const head = `${'built \\ judged'.padEnd(width + 4)}${letters.map((l) => l.padStart(4)).join('')}`;
  const rows = words.map((built, i) => {
    const counts = words.map((judged) => pairs.filter((p) => p.built === built && p.judged === judged).length);
    const cells = counts.map((n) => (n === 0 ? '·' : String(n)).padStart(4)).join('');
    return `${(letters[i] ?? '').padEnd(3)} ${built.padEnd(width)}${cells}`;
  });
  const verdict =
    pairs.length === 0
      ? 'Nothing to compare: no device file says what to expect of these trials.'
      : off.length === 0
        ? `Diagonal: all ${pairs.length} trials were judged as they were built.`
        : `${off.length} of ${pairs.length} trials are off the diagonal:`;
  return [head, ...rows, '', verdict, ...off.map((p) => `  ${p.trial}: built ${p.built}, judged ${p.judged}`)].join(
    '\n',
  );
}

/** a … z, aa, ab …: causes are too long for column heads. */
function columnLetter(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : columnLetter(Math.floor(index / 26) - 1) + letter;
}
