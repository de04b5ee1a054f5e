import { renderCounts } from '../judging/repeats.ts';
import type { Difference, Found, Reason } from '../vocabulary/comparison.ts';

/** A difference's reason in a few words: `strict: suites lost TLS_RSA_WITH_AES_128_CBC_SHA`. */
export function renderReason({ what, path = '', from, to }: Reason, mode: string): string {
  const change = renderChange(from, to);
  switch (what) {
    case 'firmware':
      return `firmware ${change}`;
    case 'device-facts':
      return `device file: ${path} ${change}`;
    case 'mode':
      return `${mode}: ${path} ${change}`;
    case 'server':
      return `server: ${path} ${change}`;
    case 'harness':
      return `harness: ${path} ${change}`;
    default:
      return 'nothing known';
  }
}

export function renderReasons({ because, mode }: Pick<Difference, 'because' | 'mode'>): string {
  return because.map((reason) => renderReason(reason, mode)).join('; ');
}

/** `works`, `fails (version-too-old)`, or how often which answer came. */
export function renderFound({ outcome, cause, silent }: Found): string {
  const more = [...(cause === undefined ? [] : [cause]), ...(silent === true ? ['silent'] : [])];
  return more.length === 0 ? outcome : `${outcome} (${more.join(', ')})`;
}

/** What it was and what it is. A flaky one is shown with its rate, never as one of its answers. */
export function renderSides({ before, after, answers }: Pick<Difference, 'before' | 'after' | 'answers'>): string {
  const now = answers !== undefined ? renderCounts(answers) : after === undefined ? 'not asked' : renderFound(after);
  return before === undefined ? now : `${renderFound(before)} → ${now}`;
}

function renderChange(from: unknown, to: unknown): string {
  if (Array.isArray(from) && Array.isArray(to)) {
    const [lost, gained] = [from.filter((x) => !to.includes(x)), to.filter((x) => !from.includes(x))];
    if (lost.length + gained.length === 0) return 'in another order';
    return [renderNames('lost', lost), renderNames('gained', gained)].filter(Boolean).join(', ');
  }
  return `${renderValue(from)} → ${renderValue(to)}`;
}

/** More names would not be read; comparison.json has them all. */
const SHOWN = 3;

function renderNames(verb: string, names: readonly unknown[]): string {
  if (names.length === 0) return '';
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${verb} ${names.slice(0, SHOWN).map(renderValue).join(', ')}${more}`;
}

/** Of a value that is no word. */
const MAX_LENGTH = 60;

function renderValue(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
