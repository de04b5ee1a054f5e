import type { Language } from '../../harness/cause-texts.ts';

/** Predictions beside what was measured. */
interface Compared {
  readonly of: number;
  readonly agree: number;
  readonly notPredicted: number;
  /** Both sides, a line each. */
  readonly against: readonly string[];
}

export interface PredictedSums {
  /** The packaged recordings of both fleets, and what came of them. */
  readonly fleets: Compared;
  /** The runs of this folder. */
  readonly own: Compared;
  /** Recordings replayed against running servers. `testssl`: those that are installed with it. */
  readonly replays: readonly {
    readonly what: 'fleets' | 'testssl';
    readonly engine: string;
    readonly mode: string;
    readonly port: number;
    readonly of: number;
    readonly agree: number;
    /** Replays that no server answered. */
    readonly silent: number;
    readonly against: readonly string[];
  }[];
}

/** For a terminal: each sum with its denominator, each difference with both sides. */
export function renderPredicted({ fleets, own, replays }: PredictedSums, language: Language): string {
  const de = language === 'de';
  const fraction = (agree: number, of: number) => (de ? `${agree} von ${of}` : `${agree} of ${of}`);
  const compared = (title: string, { of, agree, notPredicted, against }: Compared) => [
    `${title}: ${fraction(agree, of)}${de ? `; ${notPredicted} nicht zu berechnen` : `; ${notPredicted} cannot be predicted`}`,
    ...against.map((line) => `  ${line}`),
  ];
  const empty = own.of + own.notPredicted === 0;
  const lines = [
    ...compared(
      de
        ? 'Berechnungen und Tests der mitgelieferten Aufzeichnungen'
        : 'Predictions and tests of the packaged recordings',
      fleets,
    ),
    ...(empty
      ? []
      : compared(
          de ? 'Berechnungen und Tests der Läufe in diesem Ordner' : 'Predictions and tests of the runs in this folder',
          own,
        )),
  ];
  for (const what of ['fleets', 'testssl'] as const) {
    const rows = replays.filter((r) => r.what === what);
    if (rows.length === 0) continue;
    const sum = (key: 'agree' | 'of') => rows.reduce((all, r) => all + r[key], 0);
    const whose =
      what === 'testssl'
        ? de
          ? 'Aufzeichnungen von testssl.sh'
          : 'recordings of testssl.sh'
        : de
          ? 'mitgelieferte Aufzeichnungen'
          : 'packaged recordings';
    lines.push(
      `${de ? 'Berechnungen und Server' : 'Predictions and servers'}, ${whose}: ${fraction(sum('agree'), sum('of'))}`,
      ...rows.flatMap((r) => {
        const silent = r.silent === 0 ? '' : de ? `; ${r.silent} ohne Antwort` : `; ${r.silent} without an answer`;
        return [
          `  ${r.engine}, ${r.mode}, ${r.port}: ${fraction(r.agree, r.of)}${silent}`,
          ...r.against.map((l) => `    ${l}`),
        ];
      }),
    );
  }
  return lines.join('\n');
}
