import { stripVTControlCharacters, styleText } from 'node:util';
import type { ReportInput } from '../contract.ts';
import { compareRecords } from './comparison.ts';
import { renderAnswer } from './compose.ts';
import { TEXTS } from './texts.ts';

export interface TerminalOptions {
  readonly columns: number;
  readonly color: boolean;
}

/** What ends `cutover refusals`: ways in order of kindness, then device by device. No trailing line end. */
export function renderRefusals(input: ReportInput, options: TerminalOptions): string {
  const { language } = input;
  const texts = TEXTS[language];
  const compared = compareRecords(input);
  const styles = compared.styles.map((s) =>
    [
      s.rank,
      s.mode.name[language],
      s.watched,
      s.passwordsInClear,
      s.lostSilently,
      s.lockedOut,
      s.doubled,
      s.lostTold,
      s.waiting,
      s.late,
      s.onTime,
      s.clearMessages,
    ].map(String),
  );
  const devices = compared.affected.map((id) => [
    id,
    ...compared.modes.map((mode) => {
      const watched = compared.watched.find((w) => w.device === id && w.mode === mode.id);
      if (watched === undefined) return '–';
      const readable = watched.fallsBack && watched.isPasswordInClear ? `, ${texts.passwordReadable}` : '';
      return `${texts.fates[watched.fate]}${watched.isLockedOut ? `, ${texts.lockedOut}` : ''}${readable}`;
    }),
  ]);
  const parts = [
    wrap(texts.measured(compared.real, compared.emulated), options.columns),
    ...(styles.length === 0 ? [] : [renderColumns(texts.styleColumns, styles, options)]),
    ...(devices.length === 0
      ? []
      : [renderColumns([texts.device, ...compared.modes.map((m) => m.name[language])], devices, options)]),
    renderAnswer(compared, texts, language).flatMap((text) => wrap(text, options.columns)),
  ];
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}

const GAP = '  ';

/** Every column as narrow as its longest word allows; where that is too wide, one cell a line, named. */
function renderColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, color }: TerminalOptions,
): readonly string[] {
  const all = [head, ...rows].map((row) => row.map(plain));
  const least = head.map((_, i) => Math.max(...all.flatMap((row) => (row[i] ?? '').split(' ').map((w) => w.length))));
  const room = columns - GAP.length * (head.length - 1);
  const paint = (line: string) => (color ? styleText('bold', line, { validateStream: false }) : line);
  if (least.reduce((a, b) => a + b, 0) > room)
    return all.slice(1).flatMap((row) => [...row.flatMap((cell, i) => wrap(`${head[i]}: ${cell}`, columns)), '']);
  const widths = widen(least, all, room);
  return all.flatMap((row, r) => {
    const cells = row.map((cell, i) => wrap(cell, widths[i] ?? 1));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, at) => {
      const line = cells
        .map((lines, i) => (lines[at] ?? '').padEnd(widths[i] ?? 0))
        .join(GAP)
        .trimEnd();
      return r === 0 ? paint(line) : line;
    });
  });
}

/** Room that is left goes to the columns that wrap, one character at a time. */
function widen(least: readonly number[], all: readonly (readonly string[])[], room: number): readonly number[] {
  const widths = [...least];
  const wanted = least.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  for (let left = room - widths.reduce((a, b) => a + b, 0); left > 0; left -= 1) {
    const missing = widths.map((w, i) => (wanted[i] ?? 0) - w);
    const most = Math.max(...missing);
    if (most <= 0) break;
    const at = missing.indexOf(most);
    widths[at] = (widths[at] ?? 0) + 1;
  }
  return widths;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const longer = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (longer.length <= width) lines[last] = longer;
    else lines.push(word);
  }
  return lines[0] === '' && lines.length > 1 ? lines.slice(1) : lines;
}

/** A device must not steer the terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ');
}
