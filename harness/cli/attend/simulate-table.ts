import { expectationOf } from '../../../reports/matrix/expectation.ts';
import { isTrouble } from '../../causes.ts';
import { conclude } from '../../conclude.ts';
import { newestOf } from '../../records.ts';
import { MAX_PRESSES } from '../../vocabulary/attend.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Record } from '../../vocabulary/record.ts';
import type { Direction } from '../../vocabulary/trial.ts';
import type { VerdictWord } from '../../vocabulary/verdict.ts';

/** What one protocol learnt of a device and direction, with how many presses. */
interface Learnt {
  readonly presses: number;
  readonly verdict: VerdictWord;
  readonly cause: string | null;
  readonly right: boolean;
}

export interface Compared {
  readonly device: string;
  readonly direction: Direction;
  /** What follows from how it is built. */
  readonly built: { readonly verdict: VerdictWord; readonly cause: string | null };
  readonly worksInStrict: boolean;
  readonly adaptive: Learnt;
  readonly fixed: Learnt;
}

interface Distribution {
  /** Number of device directions by presses. */
  readonly byPresses: { readonly [presses: number]: number };
  readonly median: number;
  readonly total: number;
  readonly right: number;
  readonly unknown: number;
}

export interface Summary {
  readonly adaptive: Distribution;
  readonly fixed: Distribution;
  /** Promises that were not kept, each a sentence. */
  readonly broken: readonly string[];
}

export interface Played {
  readonly device: Device;
  readonly direction: Direction;
  readonly modes: readonly Mode[];
  /** The answers that each protocol asked for. */
  readonly adaptive: readonly Record[];
  readonly fixed: readonly Record[];
}

/** Compares what was learnt with how the device is built. */
export function compare({ device, direction, modes, adaptive, fixed }: Played): Compared {
  const built = builtOf(device, direction, adaptive);
  const learn = (answers: readonly Record[]): Learnt => {
    const [found] = conclude(newestOf(answers), modes).verdicts.filter((v) => v.direction === direction);
    const [first] = found?.causes ?? [];
    const verdict = found?.verdict ?? 'unknown';
    // Trouble says something about the lab or the device's state, nothing about the modes.
    const cause = first === undefined || isTrouble(first) ? null : first;
    return { presses: answers.length, verdict, cause, right: verdict === built.verdict && cause === built.cause };
  };
  const strict = adaptive.find((r) => r.mode === 'strict' && r.role === 'question');
  return {
    device: device.id,
    direction,
    built,
    worksInStrict: strict?.outcome === 'works',
    adaptive: learn(adaptive),
    fixed: learn(fixed),
  };
}

/** Nobody installs another firmware to press a button: then the installed one's answer is the right one. */
function builtOf(device: Device, direction: Direction, [strict]: readonly Record[]): Compared['built'] {
  const verdict = device.truth?.verdict[direction] ?? 'unknown';
  const cause = device.truth?.cause?.[direction] ?? null;
  if (verdict !== 'works-after-update' || strict === undefined) return { verdict, cause };
  const [legacy, today] = ['legacy', 'today'].map((mode) => expectationOf(device, { ...strict, mode })?.outcome);
  return {
    verdict: legacy === 'works' ? 'legacy-only' : today === 'works' ? 'stops-working' : 'fails-already',
    cause,
  };
}

export function summarize(compared: readonly Compared[]): Summary {
  const [adaptive, fixed] = [compared.map((c) => c.adaptive), compared.map((c) => c.fixed)].map(distribute);
  const broken = compared.flatMap(({ device, direction, built, worksInStrict, adaptive: { presses, ...found } }) => {
    const who = `${device} ${direction}`;
    return [
      ...(worksInStrict && presses > 1 ? [`${who}: strict works, and ${presses} presses were asked for`] : []),
      ...(presses > MAX_PRESSES ? [`${who}: ${presses} presses, ${MAX_PRESSES} at most are promised`] : []),
      ...(found.right ? [] : [`${who}: found ${words(found)}, built for ${words(built)}`]),
    ];
  });
  if (adaptive === undefined || fixed === undefined) throw new Error('two protocols are compared');
  const slow = adaptive.median > 2 ? [`the median is ${adaptive.median} presses, 2 at most are promised`] : [];
  return { adaptive, fixed, broken: [...broken, ...slow] };
}

function distribute(learnt: readonly Learnt[]): Distribution {
  const presses = learnt.map((l) => l.presses).sort((a, b) => a - b);
  const [low, high] = [presses[Math.floor((presses.length - 1) / 2)], presses[Math.floor(presses.length / 2)]];
  return {
    byPresses: Object.fromEntries([...Map.groupBy(presses, (n) => n)].map(([n, all]) => [n, all.length])),
    median: ((low ?? 0) + (high ?? 0)) / 2,
    total: presses.reduce((a, b) => a + b, 0),
    right: learnt.filter((l) => l.right).length,
    unknown: learnt.filter((l) => l.verdict === 'unknown').length,
  };
}

/** The table of devices, the distribution of both protocols, and every promise that was not kept. */
export function renderSimulation(
  compared: readonly Compared[],
  { adaptive, fixed, broken }: Summary,
  notHere: readonly string[],
): string {
  const rows = compared.map((c) => [
    `${c.device} ${c.direction}`,
    String(c.adaptive.presses),
    words(c.adaptive),
    c.adaptive.right ? 'right' : 'WRONG',
    String(c.fixed.presses),
    c.fixed.right ? 'right' : `wrong: ${words(c.fixed)}`,
  ]);
  const counts = [...new Set([adaptive, fixed].flatMap((d) => Object.keys(d.byPresses).map(Number)))].sort(
    (a, b) => a - b,
  );
  const all = compared.length;
  const share = (n: number) => (all === 0 ? '–' : `${n} of ${all} (${Math.round((100 * n) / all)} %)`);
  const lines: readonly (readonly [string, (d: Distribution) => string])[] = [
    ...counts.map(
      (n) => [n === 1 ? '1 press' : `${n} presses`, (d: Distribution) => String(d.byPresses[n] ?? 0)] as const,
    ),
    ['median', (d) => String(d.median)],
    ['presses in all', (d) => String(d.total)],
    ['verdict and cause right', (d) => share(d.right)],
    ['honestly unknown', (d) => String(d.unknown)],
  ];
  return [
    columns([['device', 'presses', 'verdict, cause', '', 'fixed order', ''], ...rows]),
    columns([['', 'adaptive', 'fixed order'], ...lines.map(([name, of]) => [name, of(adaptive), of(fixed)])]),
    ...(notHere.length === 0 ? [] : [`Not run on this machine: ${notHere.join(', ')}.`]),
    broken.length === 0 ? 'Every promise was kept.' : broken.map((b) => `broken: ${b}`).join('\n'),
  ].join('\n\n');
}

function words({ verdict, cause }: Compared['built']): string {
  return cause === null ? verdict : `${verdict}, ${cause}`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
  return rows
    .map((r) =>
      r
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
