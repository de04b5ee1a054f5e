import type { Found, Reason } from '../harness/vocabulary/comparison.ts';

/** A finding in the words of the files, for QA and programs: `fails version-too-old (silent)`. */
export function renderFound(found: Found | undefined): string {
  if (found === undefined) return 'nothing';
  return [found.outcome, found.cause, found.silent === true ? '(silent)' : undefined].filter(Boolean).join(' ');
}

/** What explains a difference, in the words of the files: `mode suites: "A", "B" → "A"`. */
export function renderReason({ what, path, from, to }: Reason): string {
  if (what === 'nothing-known') return 'nothing known that changed';
  const values =
    from === undefined && to === undefined ? '' : `: ${showValue(from, 'absent')} → ${showValue(to, 'absent')}`;
  // The firmware's path is the word itself.
  return `${what}${path === undefined || path === what ? '' : ` ${path}`}${values}`;
}

/** How often an unchanged question got through, of all its answers. */
export function flakyRate(answers: readonly Found[]): { readonly worked: number; readonly asked: number } {
  return { worked: answers.filter((a) => a.outcome === 'works').length, asked: answers.length };
}

const LIMIT = 120;

/** A changed list may be long; what matters of it is said by whoever attributes. */
export function showValue(value: unknown, absent: string): string {
  const text = value === undefined ? absent : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LIMIT ? text : `${text.slice(0, LIMIT)}…`;
}
