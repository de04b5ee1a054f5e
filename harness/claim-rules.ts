import type { Claim } from './vocabulary/claim.ts';
import type { Device } from './vocabulary/device.ts';
import { DIRECTIONS } from './vocabulary/trial.ts';

export interface ClaimProblem {
  /** From the device on: `['claims', 0, 'implies', 'verdict']`. */
  readonly path: PropertyKey[];
  /** What is wrong, why, what to do. */
  readonly text: string;
}

/**
 * Where claims say more than their sources bear. A schema knows what may stand in a claim; this knows what goes
 * together.
 *
 * @param today Dates after it are refused.
 */
export function claimProblems(
  device: Pick<Device, 'kind' | 'claims' | 'menus' | 'errors'>,
  today: Date,
): ClaimProblem[] {
  // A day of grace: the author's clock may be ahead of ours, and so may the day.
  const last = new Date(today.getTime() + 86_400_000).toISOString().slice(0, 10);
  const late = [
    ...device.claims.map((c, i) => ({ date: c.source.date, path: ['claims', i, 'source', 'date'] })),
    ...device.menus.map((m, i) => ({ date: m.source.date, path: ['menus', i, 'source', 'date'] })),
    ...device.errors.map((e, i) => ({ date: e.source.date, path: ['errors', i, 'source', 'date'] })),
  ].filter(({ date }) => date > last);
  return [
    ...late.map(({ date, path }) => ({
      path,
      text: `"${date}" lies in the future, and a source is dated by the day it was read; give that day`,
    })),
    ...device.claims.flatMap((claim, i) =>
      impliedProblems(claim, device.kind).map(({ path, text }) => ({ path: ['claims', i, 'implies', ...path], text })),
    ),
  ];
}

/** Claims of one condition and direction that say different things: both stay, and the answer is unknown. */
export function contradictions(device: Pick<Device, 'claims'>): readonly (readonly number[])[] {
  const said = device.claims.flatMap(({ implies, when }, claim) => {
    if (implies === undefined || implies.verdict === 'unknown') return [];
    return (implies.directions ?? DIRECTIONS).map((direction) => ({
      claim,
      verdict: implies.verdict,
      condition: `${direction} ${when?.os ?? ''} ${when?.firmware ?? ''}`,
    }));
  });
  const groups = [...Map.groupBy(said, (s) => s.condition).values()];
  const against = groups.filter((same) => new Set(same.map((s) => s.verdict)).size > 1);
  const lists = against.map((same) => [...new Set(same.map((s) => s.claim))]);
  return [...new Map(lists.map((list) => [list.join(' '), list])).values()];
}

function impliedProblems({ implies, source, when }: Claim, kind: Device['kind']): ClaimProblem[] {
  if (implies === undefined) return [];
  const { verdict, cause, setting, update, directions } = implies;
  const problems: ClaimProblem[] = [];
  const refuse = (key: string | null, text: string) => problems.push({ path: key === null ? [] : [key], text });
  // The file of a system is that one version.
  const isBound = when?.firmware !== undefined || when?.os !== undefined || kind === 'os';
  if (verdict === 'works' && !isBound)
    refuse('verdict', '"works" holds for no version that nobody knows; add `when: {firmware: …}` or `when: {os: …}`');
  if (source.confidence === 'forum' && (verdict === 'works' || verdict === 'works-after-update'))
    refuse('verdict', `a forum does not bear "${verdict}"; find a better source, or imply "unknown"`);
  if (verdict === 'works-after-change' && setting === undefined)
    refuse(null, '"works-after-change" does not say what to enter; add `setting: {id, protocol, port, security}`');
  if (verdict === 'works-after-update' && update === undefined)
    refuse(null, '"works-after-update" does not say which version works; add `update: …`');
  if (NEEDING_CAUSE.has(verdict) && cause === undefined)
    refuse(null, `"${verdict}" does not say why; add \`cause: …\`, or imply "unknown"`);
  if (setting !== undefined && !(directions ?? DIRECTIONS).includes(setting.protocol === 'smtp' ? 'send' : 'fetch'))
    refuse(
      'setting',
      `a setting for ${setting.protocol} is not for ${(directions ?? []).join(' and ')}; give one that is`,
    );
  return problems;
}

const NEEDING_CAUSE: ReadonlySet<string> = new Set(['legacy-only', 'stops-working', 'fails-already']);
