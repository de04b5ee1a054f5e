import type { Answer, AttendedDevice } from '../../vocabulary/attend.ts';

/** What a line typed at the console of an attended run asks for. */
export type ConsoleLine =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'list' }
  | { readonly kind: 'wrong'; readonly why: string };

export const CONSOLE_HELP =
  'Type a number and what happened: 3 take · 3 p (pressed) · 3 sent · 3 failed CODE · 3 none (setting not found) · 3 skip · 3 again · 3 is s1. list: all. end: write the reports.';

/** Longer codes are cut off: Answer takes no more. */
const MAX_CODE = 200;
const BY = 'console';

export function parseConsoleLine(text: string, devices: readonly Pick<AttendedDevice, 'id'>[]): ConsoleLine {
  const [head = '', verb = 'take', ...rest] = text.trim().split(/\s+/);
  if (head === '' || head === 'list' || head === 'l') return { kind: 'list' };
  if (head === 'end') return { kind: 'answer', answer: { kind: 'finish' } };
  if (!/^\d{1,4}$/.test(head)) return { kind: 'wrong', why: 'A line begins with the number of a device.' };
  const device = devices[Number(head) - 1]?.id;
  if (device === undefined) return { kind: 'wrong', why: `There is no device ${head}.` };
  const code = rest.join(' ').slice(0, MAX_CODE);
  const answer = answerOf(verb, device, code);
  return answer === null ? { kind: 'wrong', why: `Not understood: ${verb.slice(0, 20)}.` } : { kind: 'answer', answer };
}

function answerOf(verb: string, device: string, rest: string): Answer | null {
  switch (verb) {
    case 'take':
      return { kind: 'take', device, by: BY };
    case 'p':
    case 'pressed':
      return { kind: 'pressed', device };
    case 'sent':
    case 'failed':
      return { kind: 'shows', device, said: verb, code: rest };
    case 'none':
      return { kind: 'setting-not-found', device };
    case 'skip':
    case 'again':
    case 'release':
      return { kind: verb, device };
    case 'is':
      return { kind: 'claim', device, stranger: rest.slice(0, 40) };
    default:
      return null;
  }
}
