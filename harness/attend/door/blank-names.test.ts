import { expect, test } from 'vitest';
import { blankNamesInLine } from './blank-names.ts';

test.for([
  ['MAIL FROM:<hans@customer.example> SIZE=5', 'MAIL FROM:<*********************> SIZE=5'],
  ['rcpt to: hans@customer.example', 'rcpt to: *********************'],
  ['USER hans', 'USER ****'],
  ['a1 LOGIN "hans m" x', 'a1 LOGIN ******** x'],
  ['EHLO printer', 'EHLO printer'],
  ['mail received: 12 bytes', 'mail received: 12 bytes'],
] as const)('%s', ([line, blanked]) => {
  expect(blankNamesInLine(line)).toBe(blanked);
});
