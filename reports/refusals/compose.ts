import type { Language } from '../../harness/cause-texts.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import { SAMPLE_BANNER } from '../coverage.ts';
import { deviceName } from '../device-words.ts';
import { BASELINE, type Compared } from './comparison.ts';
import type { StyleResult } from './rank-styles.ts';
import { TEXTS, type Texts } from './texts.ts';
import type { Fate, Watched } from './watched.ts';

/** The report as content, so that Markdown and HTML say the same. All strings are plain text: the renderers escape. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph' | 'banner'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

export interface Cell {
  readonly lines: readonly string[];
  readonly tone?: Tone;
}
type Tone = 'good' | 'late' | 'bad' | 'worst';

export function composeRefusals(compared: Compared, language: Language): readonly Block[] {
  const texts = TEXTS[language];
  const { real, emulated, watch } = compared;
  const names = (ids: readonly string[]) => ids.map((id) => nameOf(id, compared)).join(', ');
  return [
    ...(real === 0 && emulated > 0 ? [{ kind: 'banner', text: SAMPLE_BANNER[language] } as const] : []),
    paragraph(texts.measured(real, emulated)),
    heading(2, texts.answerHeading),
    ...renderAnswer(compared, texts, language).map(paragraph),
    ...(compared.styles.length === 0 ? [] : renderStyles(compared, texts, language)),
    heading(2, texts.devicesHeading),
    ...renderMatrix(compared, texts, language),
    ...(compared.untouched.length === 0 ? [] : [paragraph(texts.untouched(names(compared.untouched)))]),
    ...(compared.setAside.length === 0 ? [] : [paragraph(texts.setAside(names(compared.setAside)))]),
    ...renderDetails(compared, texts, language),
    heading(2, texts.howHeading),
    { kind: 'list', items: texts.how(watch.seconds, watch.emulatedSpeed) },
  ];
}

/** What "kindest" is, in a sentence; a brown-out ends by itself and is no answer for good. */
export function renderAnswer(compared: Compared, texts: Texts, language: Language): readonly string[] {
  const lasting = compared.styles.filter((s) => s.mode.refusal.until === undefined);
  const ending = compared.styles.filter((s) => s.mode.refusal.until !== undefined);
  const best = lasting.filter((s) => s.rank === Math.min(...lasting.map((l) => l.rank)));
  if (compared.styles.length === 0) return [compared.untouched.length === 0 ? texts.nothingSeen : texts.nobodyTouched];
  const names = best.map((s) => quote(s.mode.name[language], language)).join(', ');
  return [
    ...best.slice(0, 1).map((s) => `${texts.kindest(names, best.length)} ${texts.results(s)}`),
    // What it costs belongs to the answer: e.g. to go on speaking old versions.
    ...(best.length === 1 ? best.map((s) => s.mode.summary[language]) : []),
    ...ending.map((s) => `${texts.rehearsal(quote(s.mode.name[language], language))} ${texts.results(s)}`),
  ];
}

function renderStyles(compared: Compared, texts: Texts, language: Language): readonly Block[] {
  const rows = compared.styles.map((s): readonly Cell[] => [
    { lines: [String(s.rank)] },
    { lines: [s.mode.name[language]] },
    { lines: [String(s.watched)] },
    ...COUNTS.map(([key, tone]): Cell => ({ lines: [String(s[key])], ...(s[key] > 0 ? { tone } : {}) })),
  ]);
  return [
    heading(2, texts.stylesHeading),
    { kind: 'table', head: texts.styleColumns, rows },
    paragraph(texts.stylesNote),
    heading(3, texts.waysHeading),
    {
      kind: 'list',
      items: compared.modes.filter((m) => m.id !== BASELINE).map((m) => renderWay(m, texts, language)),
    },
  ];
}

function renderWay({ name, summary, refusal }: Mode, texts: Texts, language: Language): string {
  const lasts = refusal.until === undefined ? '' : ` ${texts.lasts(refusal.until.seconds)}`;
  return `${name[language]}: ${summary[language]}${lasts}`;
}

const COUNTS: readonly (readonly [Exclude<keyof StyleResult, 'mode' | 'rank' | 'watched' | 'fallbacks'>, Tone])[] = [
  ['passwordsInClear', 'worst'],
  ['lostSilently', 'worst'],
  ['lockedOut', 'bad'],
  ['doubled', 'bad'],
  ['lostTold', 'bad'],
  ['waiting', 'late'],
  ['late', 'late'],
  ['onTime', 'good'],
  ['clearMessages', 'good'],
];

const TONES: Readonly<Partial<Record<Fate, Tone>>> = {
  'on-time': 'good',
  late: 'late',
  waiting: 'late',
  doubled: 'bad',
  'lost-told': 'bad',
  'lost-silently': 'worst',
};

function renderMatrix(compared: Compared, texts: Texts, language: Language): readonly Block[] {
  if (compared.affected.length === 0) return [];
  const { modes } = compared;
  const rows = compared.affected.map((id): readonly Cell[] => [
    { lines: [nameOf(id, compared), id] },
    ...modes.map((mode) => matrixCell(find(compared, id, mode.id), texts)),
  ]);
  return [{ kind: 'table', head: [texts.device, ...modes.map((m) => m.name[language])], rows }];
}

function matrixCell(watched: Watched | undefined, texts: Texts): Cell {
  if (watched === undefined) return { lines: ['–'] };
  const readable = watched.fallsBack && watched.isPasswordInClear ? [texts.passwordReadable] : [];
  const lines = [...fateLines(watched, texts), ...(watched.isLockedOut ? [texts.lockedOut] : []), ...readable];
  const tone = readable.length > 0 ? 'worst' : TONES[watched.fate];
  return { lines, ...(tone === undefined ? {} : { tone }) };
}

function fateLines(watched: Watched, texts: Texts): readonly string[] {
  const { fate, lateSeconds, connections } = watched;
  const isLater = (fate === 'late' || fate === 'doubled') && lateSeconds !== null && connections > 1;
  return [texts.fates[fate], ...(isLater ? [texts.after(lateSeconds, connections)] : [])];
}

function renderDetails(compared: Compared, texts: Texts, language: Language): readonly Block[] {
  if (compared.affected.length === 0) return [];
  return [
    heading(2, texts.detailsHeading),
    ...compared.affected.flatMap((id): readonly Block[] => [
      heading(3, `${nameOf(id, compared)} (${id})`),
      {
        kind: 'table',
        head: texts.detailColumns,
        rows: compared.modes.flatMap((mode) => {
          const watched = find(compared, id, mode.id);
          return watched === undefined ? [] : [detailRow(watched, mode.name[language], texts)];
        }),
      },
    ]),
  ];
}

function detailRow(watched: Watched, style: string, texts: Texts): readonly Cell[] {
  const { refusedPer10Minutes, countedPer10Minutes, isExtrapolated, windowSeconds } = watched;
  const isPlain = watched.record.setting.security === 'plaintext';
  const clear = [
    ...(watched.fallsBack ? [texts.fallsBack] : []),
    ...(isPlain && watched.isPasswordInClear ? [texts.clearAnyway] : []),
    ...(watched.isPasswordInClear ? [texts.passwordReadable] : []),
  ];
  const tone = TONES[watched.fate];
  return [
    { lines: [style] },
    { lines: fateLines(watched, texts), ...(tone === undefined ? {} : { tone }) },
    {
      lines: [
        texts.rate(refusedPer10Minutes, isExtrapolated, windowSeconds),
        ...(countedPer10Minutes > 0 ? [texts.counted(countedPer10Minutes)] : []),
        ...(watched.isLockedOut ? [texts.lockedOut] : []),
      ],
      ...(watched.isLockedOut ? { tone: 'bad' } : {}),
    },
    { lines: clear.length === 0 ? ['–'] : clear, ...(watched.fallsBack ? { tone: 'worst' } : {}) },
    { lines: [texts.messages[watched.message]] },
    { lines: [watched.said === '' ? '–' : watched.said] },
  ];
}

function find({ watched }: Compared, device: string, mode: string): Watched | undefined {
  return watched.find((w) => w.device === device && w.mode === mode);
}

function nameOf(id: string, { devices }: Compared): string {
  const device = devices.get(id);
  return device === undefined ? id : deviceName(device);
}

function quote(text: string, language: Language): string {
  return language === 'de' ? `„${text}“` : `“${text}”`;
}

function heading(level: 2 | 3, text: string): Block {
  return { kind: 'heading', level, text };
}

function paragraph(text: string): Block {
  return { kind: 'paragraph', text };
}
