import { concludeClaims } from '../../harness/claims.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { composeAnswer } from '../lookup/answers.ts';

export interface Agreement {
  /** Only rows that compare anything. */
  readonly rows: readonly AgreementRow[];
  /** Of the catalogue, devices and directions: what was never compared, and what nobody knows. */
  readonly counts: {
    readonly answers: number;
    readonly measured: number;
    readonly claimedOnly: number;
    readonly unknown: number;
  };
}

export interface AgreementRow {
  readonly pair: AgreementPair;
  /** `program`: a program of the catalogue as it runs in one of the lab's containers; no real device. */
  readonly subject: 'device' | 'program';
  readonly kind: Device['kind'];
  /** Of so many comparisons so many agree. */
  readonly of: number;
  readonly agree: number;
  /** Ids of devices where they do not. */
  readonly against: readonly string[];
}

/** `claims`: two sources under the same condition. */
export type AgreementPair = 'claims' | 'claimed-measured' | 'predicted-measured' | 'claimed-predicted';

/**
 * How often sources agree with each other, and with what was measured. Two verdicts agree when they are the same word;
 * one that is unknown is not compared. Pure, and free of node: a page may run it.
 *
 * @param devices All, the lab's too: one whose `program` names an entry of the catalogue is compared with its claims.
 * @param verdicts Measured and predicted ones.
 */
export function countAgreement(
  devices: readonly Device[],
  verdicts: readonly Verdict[],
  modes: readonly Mode[],
): Agreement {
  const byId = new Map(devices.map((d) => [d.id, d]));
  const real = devices.filter((d) => d.truth === undefined);
  const compared = [
    ...real.flatMap((d) => [...amongClaims(d, modes), ...withMeasured(d, d, verdicts, modes)]),
    ...devices.flatMap((lab) => {
      const program = lab.program === undefined ? undefined : byId.get(lab.program);
      return lab.reach?.driver !== 'container' || program === undefined
        ? []
        : withMeasured(program, lab, verdicts, modes);
    }),
  ];
  const rows = [...Map.groupBy(compared, (c) => `${c.pair} ${c.subject} ${c.kind}`).values()].flatMap(
    (same): readonly AgreementRow[] => {
      const [first] = same;
      if (first === undefined) return [];
      const against = [...new Set(same.filter((c) => !c.agrees).map((c) => c.device))];
      const { pair, subject, kind } = first;
      return [{ pair, subject, kind, of: same.length, agree: same.filter((c) => c.agrees).length, against }];
    },
  );
  return { rows, counts: countAnswers(real, verdicts, modes) };
}

interface Comparison extends Pick<AgreementRow, 'pair' | 'subject' | 'kind'> {
  readonly device: string;
  readonly agrees: boolean;
}

/** One comparison for each condition under which more than one source speaks. */
function amongClaims(device: Device, modes: readonly Mode[]): readonly Comparison[] {
  const said = concludeClaims(device, modes).filter((c) => c.verdict.verdict !== 'unknown');
  const groups = Map.groupBy(said, ({ verdict: v }) => `${v.direction} ${v.os ?? ''} ${v.firmware}`);
  return [...groups.values()].flatMap((same): readonly Comparison[] => {
    // What one page says twice is not two sources.
    if (new Set(same.map((c) => c.claim.source.url)).size < 2) return [];
    const agrees = new Set(same.map((c) => c.verdict.verdict)).size === 1;
    return [{ pair: 'claims', subject: 'device', kind: device.kind, device: device.id, agrees }];
  });
}

/** @param measured The device itself, or the lab's container in which the program runs. */
function withMeasured(
  device: Device,
  measured: Device,
  verdicts: readonly Verdict[],
  modes: readonly Mode[],
): readonly Comparison[] {
  const subject = device === measured ? 'device' : 'program';
  return verdicts
    .filter((v) => v.device === measured.id && v.verdict !== 'unknown' && v.basis !== 'claimed')
    .flatMap((tried): readonly Comparison[] => {
      const firmware = subject === 'device' ? tried.firmware : programVersion(device, measured, tried.firmware);
      if (firmware === null) return [];
      const asIfOwn = { ...tried, device: device.id, firmware };
      const [part] = composeAnswer(device, [asIfOwn], modes).directions.filter((d) => d.direction === tried.direction);
      const said = part?.claimed.map((c) => c.verdict.verdict).filter((word) => word !== 'unknown') ?? [];
      const pair = tried.basis === 'measured' ? 'claimed-measured' : 'claimed-predicted';
      const base = { subject, kind: device.kind, device: measured.id } as const;
      const answers: Comparison[] = said.map((word) => ({ ...base, pair, agrees: word === tried.verdict }));
      const predicted = verdicts.find(
        (v) => v.basis === 'predicted' && v.device === tried.device && v.direction === tried.direction,
      );
      if (tried.basis === 'measured' && predicted !== undefined && predicted.verdict !== 'unknown')
        answers.push({ ...base, pair: 'predicted-measured', agrees: predicted.verdict === tried.verdict });
      return answers;
    });
}

/** The lab's file names the program with its version in `stack`: "GnuTLS 3.7 (msmtp 1.8.23, mpop 1.4.18)". */
function programVersion(program: Device, lab: Device, firmware: string): string | null {
  const stack = lab.firmware.find((f) => f.version === firmware)?.stack?.toLowerCase() ?? '';
  const at = stack.indexOf(`${program.model.toLowerCase()} `);
  if (at < 0) return null;
  return /^\d[\w.]*/.exec(stack.slice(at + program.model.length + 1))?.[0] ?? null;
}

function countAnswers(devices: readonly Device[], verdicts: readonly Verdict[], modes: readonly Mode[]) {
  const answers = devices.flatMap((device): readonly ('measured' | 'claimedOnly' | 'unknown')[] => {
    const { directions } = composeAnswer(device, verdicts, modes);
    if (directions.length === 0) return ['unknown'];
    return directions.map(({ verdict, standing, question }) => {
      if (question !== null) return 'claimedOnly';
      if (verdict === null || verdict.verdict === 'unknown') return 'unknown';
      return standing === 'measured' ? 'measured' : 'claimedOnly';
    });
  });
  const count = (what: (typeof answers)[number]) => answers.filter((a) => a === what).length;
  return {
    answers: answers.length,
    measured: count('measured'),
    claimedOnly: count('claimedOnly'),
    unknown: count('unknown'),
  };
}
