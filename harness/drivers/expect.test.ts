import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createConsole, type OpenConsole } from './expect.ts';
import { openScripted } from './scripted.ts';

function openSilent(
  signal?: AbortSignal,
): OpenConsole & { readonly paused: () => boolean; readonly written: string[] } {
  let paused = false;
  const written: string[] = [];
  const opened = createConsole(
    {
      endpoint: 'test',
      write: (text) => void written.push(text),
      pause: () => {
        paused = true;
      },
      close: async () => {},
    },
    signal === undefined ? {} : { signal },
  );
  return {
    session: opened.session,
    receive: (bytes) => opened.receive(bytes),
    end: (reason) => opened.end(reason),
    paused: () => paused,
    written,
  };
}

test('the earliest match in the text wins, not the first case', async () => {
  const { session, ...inlet } = openSilent();
  inlet.receive(Buffer.from('550 no such user\r\n# '));
  const { hit, before, match } = await session.expect({ prompt: /# $/, refused: /^5\d\d (.*)$/m });
  expect({ hit, before, words: match[1] }).toEqual({ hit: 'refused', before: '', words: 'no such user' });
  expect(await session.expect({ prompt: /# $/ })).toMatchObject({ hit: 'prompt', before: '\n' });
});

test('on a tie the case that is listed first wins', async () => {
  const { session, ...inlet } = openSilent();
  inlet.receive(Buffer.from('OK sent OK sent'));
  expect((await session.expect({ short: /OK/, long: /OK sent/ })).hit).toBe('short');
  expect((await session.expect({ long: /OK sent/, short: /OK/ })).hit).toBe('long');
});

test('any split of the output, and any time of its arrival, gives the same hits', async () => {
  const line = fc.constantFrom(
    'ok\r\n',
    'error: größer 日本\r\n',
    '\x1b[31merror: red\x1b[0m\r\n',
    'noise ',
    '\x1b[6n',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.array(fc.nat(400)),
      fc.boolean(),
      async (lines, cuts, early) => {
        const bytes = Buffer.from(`${lines.join('')}# `);
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        const hits = async (feed: (opened: OpenConsole) => Promise<void>): Promise<string[]> => {
          const opened = openSilent();
          const feeding = feed(opened);
          if (!early) await feeding;
          const seen: string[] = [];
          for (let hit = ''; hit !== 'prompt'; ) {
            const found = await opened.session.expect({ prompt: /# $/, ok: /ok\n/, error: /error: (.*)\n/ });
            hit = found.hit;
            seen.push(hit, found.before, found.match[0]);
          }
          await feeding;
          return seen;
        };
        const whole = await hits(async (opened) => opened.receive(bytes));
        const split = await hits(async (opened) => {
          for (const piece of pieces) {
            opened.receive(piece);
            await Promise.resolve();
          }
        });
        expect(split).toEqual(whole);
      },
    ),
    { numRuns: 500 },
  );
});

test('a match may span what came long before', async () => {
  const { session, ...inlet } = openSilent();
  const waiting = session.expect({ all: /begin[^#]*end/ });
  inlet.receive(Buffer.from('begin'));
  await new Promise(setImmediate);
  inlet.receive(Buffer.from(`${'x'.repeat(50_000)}e`));
  await new Promise(setImmediate);
  inlet.receive(Buffer.from('nd'));
  expect((await waiting).match[0]).toHaveLength(50_008);
});

test('a silent console is given up with its last words, secrets blanked', async () => {
  const { session, ...inlet } = openSilent();
  session.send('geheim-4711', { secret: true });
  inlet.receive(Buffer.from('geheim-4711\r\nworking...'));
  await expect(session.expect({ prompt: /# $/ }, { idleMs: 5 })).rejects.toMatchObject({
    name: 'LabFault',
    code: 'console-timeout',
    message: String.raw`nothing moved for 0.005 s while waiting for prompt; its last words: "***\nworking..."`,
  });
  await expect(session.expect({ prompt: /# $/ }, { totalMs: 5 })).rejects.toMatchObject({ code: 'console-timeout' });
});

test('output that came is still there when the console has ended', async () => {
  await using session = openScripted([{ say: 'sent\r\n' }, { end: 'the program ended with exit code 0' }]);
  expect((await session.expect({ sent: /sent/ })).hit).toBe('sent');
  await expect(session.expect({ prompt: /# $/ })).rejects.toMatchObject({
    code: 'console-ended',
    message: expect.stringContaining('(the program ended with exit code 0) while waiting for prompt'),
  });
});

test('a flood is stopped while nobody waits', async () => {
  const { session, paused, ...inlet } = openSilent();
  for (let chunk = 0; chunk < 20; chunk += 1) inlet.receive(Buffer.alloc(64 * 1024, 'y'));
  expect(paused()).toBe(true);
  await expect(session.expect({ prompt: /# $/ })).rejects.toMatchObject({ code: 'console-flood' });
});

test('a flood of control sequences is stopped too, although it leaves no text', async () => {
  const { session, paused, ...inlet } = openSilent();
  const flooded = expect(session.expect({ prompt: /# $/ })).rejects.toMatchObject({ code: 'console-flood' });
  const colours = Buffer.from('\x1b[31m\x1b[0m'.repeat(10_000));
  for (let sent = 0; sent <= 9 * 1024 * 1024; sent += colours.length) {
    inlet.receive(colours);
    await new Promise(setImmediate);
  }
  await flooded;
  expect(paused()).toBe(true);
});

test('a stopped run ends a wait at once', async () => {
  const abort = new AbortController();
  const { session } = openSilent(abort.signal);
  const waiting = session.expect({ prompt: /# $/ });
  abort.abort();
  await expect(waiting).rejects.toMatchObject({
    code: 'console-ended',
    message: expect.stringContaining('the run was stopped'),
  });
});

test('terminal questions are answered on the same line', () => {
  const { written, ...inlet } = openSilent();
  inlet.receive(Buffer.from('\x1b['));
  inlet.receive(Buffer.from('6n~ # '));
  expect(written).toEqual(['\x1b[1;1R']);
});
