import type { Scope } from './scope.ts';
import { type Answer, sparedKey, type State, trialOf } from './state.ts';

/** A question on both sides, or on one. */
export interface Pair {
  readonly before?: Answer;
  readonly after?: Answer;
}

/**
 * Joins the questions of two states: by key; what is left by what is configured (today's first setting is another one).
 * A question that was not put because the control ended in trouble has that trouble for an answer. Left out is what
 * `scope` says the later state would not have asked; what was asked of the same firmware when another one was
 * installed; and what follows from other answers: settings beside the first are asked only where it fails.
 */
export function pairAnswers(before: State, after: State, scope: Scope): readonly Pair[] {
  const pairs: Pair[] = [];
  let olds = [...before.answers.values()];
  let news = [...after.answers.values()];
  for (const nameOf of [(a: Answer) => a.key, bySlot]) {
    const waiting = new Map(news.flatMap((a) => (nameOf(a) === null ? [] : [[nameOf(a), a]])));
    olds = olds.filter((old) => {
      const name = nameOf(old);
      const found = name === null ? undefined : waiting.get(name);
      if (found === undefined) return true;
      waiting.delete(name);
      pairs.push({ before: old, after: found });
      return false;
    });
    const joined = new Set(pairs.map((p) => p.after));
    news = news.filter((a) => !joined.has(a));
  }
  const [askedBefore, askedAfter] = [before, after].map(whereOthersAreAsked);
  const [trialsBefore, trialsAfter] = [before, after].map((s) => new Set([...s.answers.values()].map(byTrial)));
  for (const old of olds) {
    const spared = after.spared.get(sparedKey(old));
    if (!scope(old) || trialsAfter?.has(byTrial(old)) === true) continue;
    if (spared !== undefined && spared.context.engine === old.engine)
      pairs.push({ before: old, after: sparedAnswer(old, spared) });
    else if (old.asConfigured || askedAfter?.get(groupOf(old)) === true) pairs.push({ before: old });
  }
  for (const fresh of news) {
    if (trialsBefore?.has(byTrial(fresh)) === true) continue;
    if (fresh.asConfigured || askedBefore?.get(groupOf(fresh)) !== false) pairs.push({ after: fresh });
  }
  return pairs;
}

function byTrial(answer: Answer): string {
  return `${trialOf(answer)}/${answer.engine}`;
}

/** What is configured, whichever setting that is. */
function bySlot(answer: Answer): string | null {
  const { scenario, mode, engine } = answer;
  return answer.asConfigured ? [sparedKey(answer), scenario, mode, engine].join('/') : null;
}

function groupOf(answer: Answer): string {
  return `${sparedKey(answer)}/${answer.engine}`;
}

/** By group: whether its other settings are asked, which is where the first one did not work in strict. */
function whereOthersAreAsked({ answers }: State): ReadonlyMap<string, boolean> {
  const groups = new Map<string, boolean>();
  for (const answer of answers.values()) {
    if (!answer.asConfigured) continue;
    const fails = answer.mode === 'strict' && answer.answers[0]?.outcome !== 'works';
    groups.set(groupOf(answer), fails || groups.get(groupOf(answer)) === true);
  }
  return groups;
}

function sparedAnswer(
  old: Answer,
  { found, context }: { readonly found: Answer['found']; readonly context: Answer['context'] },
): Answer {
  const { evidence: _, ...question } = old;
  return { ...question, found, answers: [found], context };
}
