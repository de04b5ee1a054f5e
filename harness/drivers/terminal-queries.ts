/* oxlint-disable no-control-regex -- the control characters of consoles are what this file is about */
/**
 * ESC[6n asks for the cursor (BusyBox ash does before each prompt and waits for the answer), ESC[c for the kind of
 * terminal, ESC[5n whether it is in order. Answers: top left, VT102, in order (ECMA-48 section 8.3.35, DEC VT102 manual).
 */
export const TERMINAL_REPLIES: ReadonlyMap<string, string> = new Map([
  ['6n', '\x1b[1;1R'],
  ['5n', '\x1b[0n'],
  ['c', '\x1b[?6c'],
  ['0c', '\x1b[?6c'],
]);

/**
 * Takes the questions out of a console's output, however it is cut into pieces: played to somebody, a transcript with
 * them would make that person's terminal answer, as if typed. `end` gives what was held back as a possible beginning.
 */
export function createQueryFilter(): { readonly push: (text: string) => string; readonly end: () => string } {
  let held = '';
  return {
    push: (text) => {
      const whole = (held + text).replaceAll(QUERY, '');
      held = OPEN_QUERY.exec(whole)?.[0] ?? '';
      return whole.slice(0, whole.length - held.length);
    },
    end: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** CSI after ESC or as one C1 character. */
const QUERY = /(?:\x1b\[|\x9b)(?:[56]n|0?c)/g;
const OPEN_QUERY = /(?:\x1b\[?|\x9b|(?:\x1b\[|\x9b)[056])$/;
