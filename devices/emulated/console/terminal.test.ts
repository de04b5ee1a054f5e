import { expect, test } from 'vitest';
import { ConsoleClosed, Interrupted, Terminal } from './terminal.ts';

function open(): { readonly terminal: Terminal; readonly shown: () => string } {
  let shown = '';
  const terminal = new Terminal(async (text) => void (shown += text));
  return { terminal, shown: () => shown };
}

test.for([
  ['ends a line at return, newline or both', 'abc\r\ndef\r', 'abc', '> abc\n'],
  ['takes back with backspace and delete', 'ab\x7f\x08cd\r', 'cd', '> ab\b \b\b \bcd\n'],
  ['takes back the line with Ctrl-U', 'abc\x15x\r', 'x', '> abc\b \b\b \b\b \bx\n'],
  ['does not take back the prompt', '\x7f\x7fa\r', 'a', '> a\n'],
  ['leaves out other control characters', 'a\x1b\x00b\t\r', 'ab', '> ab\n'],
  ['keeps letters of more than one byte', 'Prüfung\r', 'Prüfung', '> Prüfung\n'],
] as const)('%s', async ([, typed, line, screen]) => {
  const { terminal, shown } = open();
  // One byte at a time: letters and line ends come in pieces.
  for (const byte of Buffer.from(typed)) terminal.receive(Buffer.from([byte]));
  expect(await terminal.ask('> ')).toBe(line);
  expect(shown()).toBe(screen);
});

test('shows nothing, or asterisks, of a password', async () => {
  const { terminal, shown } = open();
  terminal.receive(Buffer.from('geheim\rgeheim\r'));
  expect(await terminal.ask('Password: ', { echo: '' })).toBe('geheim');
  expect(await terminal.ask('PIN: ', { echo: '*' })).toBe('geheim');
  expect(shown()).toBe('Password: \nPIN: ******\n');
});

test('Ctrl-C gives up the line, and interrupts an order at once', async () => {
  const { terminal } = open();
  terminal.receive(Buffer.from('ab\x03'));
  await expect(terminal.ask('> ')).rejects.toBeInstanceOf(Interrupted);
  let interrupted = 0;
  terminal.onInterrupt = () => interrupted++;
  terminal.receive(Buffer.from('typed ahead\x03'));
  expect(interrupted).toBe(1);
});

test('a closed line ends every question', async () => {
  const { terminal } = open();
  const asked = terminal.ask('> ');
  terminal.close();
  await expect(asked).rejects.toBeInstanceOf(ConsoleClosed);
  await expect(terminal.print('x')).rejects.toBeInstanceOf(ConsoleClosed);
});

test('what is typed ahead and the length of a line are bounded', async () => {
  const { terminal } = open();
  for (let i = 0; i < 40; i++) terminal.receive(Buffer.from('x'.repeat(10_000)));
  const asked = terminal.ask('');
  // A turn of the event loop: what was typed ahead has been read.
  await new Promise(setImmediate);
  terminal.receive(Buffer.from('\r'));
  expect((await asked).length).toBe(4_096);
});
