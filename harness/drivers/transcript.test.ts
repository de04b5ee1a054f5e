import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createRecorder, type Recorder } from './transcript.ts';

const SECRET = 'Geh3im-kanari';

const CastLine = z.tuple([z.number(), z.enum(['i', 'o']), z.string()]);

interface Line {
  readonly seconds: number;
  readonly kind: string;
  readonly text: string;
}

function readCast(cast: string): { readonly header: unknown; readonly lines: readonly Line[] } {
  const [header = '', ...rest] = cast.trimEnd().split('\n');
  const lines = rest.map((line) => {
    const [seconds, kind, text] = CastLine.parse(JSON.parse(line));
    return { seconds, kind, text };
  });
  return { header: JSON.parse(header), lines };
}

function textOf(cast: string, kind: string): string {
  const { lines } = readCast(cast);
  return lines.flatMap((line) => (line.kind === kind ? line.text : [])).join('');
}

function feed(recorder: Recorder, text: string, cuts: readonly number[]): void {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, to] of places.slice(1).entries()) recorder.output(bytes.subarray(places[index], to));
}

test('it is asciicast v2: a header line, then [seconds, kind, text] a line', async () => {
  const recorder = createRecorder({ cols: 100, rows: 30 });
  recorder.output(Buffer.from('login: '));
  recorder.input('admin\r');
  const { cast } = await recorder.take();
  const { header, lines } = readCast(cast);
  expect(header).toMatchObject({ version: 2, width: 100, height: 30, timestamp: expect.any(Number) });
  expect(lines.map(({ kind, text }) => [kind, text])).toEqual([
    ['o', 'login: '],
    ['i', 'admin\r'],
  ]);
  expect(lines.every(({ seconds }) => seconds >= 0 && seconds < 60)).toBe(true);
  expect(readCast((await recorder.take()).cast).lines).toEqual([]);
});

test('a secret is blanked in input and echo, wherever the echo is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(500), { maxLength: 30 }), async (cuts) => {
      const recorder = createRecorder({ secrets: [SECRET] });
      recorder.input(`${SECRET}\r`);
      feed(recorder, `set password ${SECRET}\r\nsaved ${SECRET}!\r\n# `, cuts);
      const { cast, screen } = await recorder.take();
      expect(cast).not.toContain(SECRET.slice(0, 6));
      expect(textOf(cast, 'o')).toBe('set password ***\r\nsaved ***!\r\n# ');
      expect(textOf(cast, 'i')).toBe('***\r');
      expect(screen).toBe('set password ***\nsaved ***!\n#');
    }),
    { numRuns: 200 },
  );
});

test('a secret is blanked where a terminal wrapped or coloured its echo', async () => {
  for (const between of [' \r', '\r\n', '\x1b[K', '\x1b[1;31m', '\x1b[0m \r']) {
    const recorder = createRecorder({ secrets: [SECRET] });
    recorder.output(Buffer.from(`# ${SECRET.slice(0, 7)}${between}${SECRET.slice(7)}\r\n`));
    expect(textOf((await recorder.take()).cast, 'o')).toBe('# ***\r\n');
  }
});

test('a secret that is split over two takes is in neither', async () => {
  const recorder = createRecorder({ secrets: [SECRET] });
  recorder.output(Buffer.from(`# ${SECRET.slice(0, 8)}`));
  const first = await recorder.take();
  recorder.output(Buffer.from(`${SECRET.slice(8)}\r\n`));
  const second = await recorder.take();
  expect(textOf(first.cast, 'o')).toBe('# ');
  expect(textOf(second.cast, 'o')).toBe('***\r\n');
  expect(second.screen).toBe('# ***');
});

test('what breaks off in the middle of a secret is blanked', async () => {
  const recorder = createRecorder({ secrets: [SECRET] });
  recorder.output(Buffer.from(`# ${SECRET.slice(0, 8)}`));
  recorder.ended();
  expect(textOf((await recorder.take()).cast, 'o')).toBe('# ***');
});

test('a secret that is named later is blanked in what is still kept', async () => {
  const recorder = createRecorder({});
  recorder.output(Buffer.from(`${SECRET}\r\n`));
  recorder.addSecret(SECRET);
  expect(textOf((await recorder.take()).cast, 'o')).toBe('***\r\n');
});

test('what only the redactor knows is blanked over events too', async () => {
  const coded = Buffer.from(SECRET).toString('base64');
  const redactor = { text: (text: string) => text.replaceAll(coded, '[secret]') };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(500), { maxLength: 30 }), async (cuts) => {
      const recorder = createRecorder({ redactor });
      feed(recorder, `AUTH PLAIN ${coded}\r\n235 ok ${coded} ok\r\n`, cuts);
      const { cast } = await recorder.take();
      expect(textOf(cast, 'o')).toBe('AUTH PLAIN [secret]\r\n235 ok [secret] ok\r\n');
    }),
    { numRuns: 200 },
  );
});

test('a flood is cut off with a note, and no part of a secret stands at the cut', async () => {
  const recorder = createRecorder({ secrets: [SECRET] });
  recorder.output(Buffer.from(`${'y'.repeat(128 * 1024 - 3)}${SECRET}${'z'.repeat(1000)}`));
  const { cast, screen } = await recorder.take();
  expect(textOf(cast, 'o').slice(128 * 1024 - 5)).toMatch(/^yy\*\*\*\r\n\[output omitted: \d+ characters\]\r\n$/);
  expect(screen).toMatch(/\[output omitted: 1010 characters\]$/);
  recorder.output(Buffer.from('# '));
  expect(textOf((await recorder.take()).cast, 'o')).toBe('# ');
});

test('the screen is what a person would see: colours gone, lines rewritten, lasting from take to take', async () => {
  const recorder = createRecorder({ cols: 20, rows: 3 });
  recorder.output(Buffer.from('one\r\ntwo\r\nscan 10%\rscan \x1b[1m99%\x1b[0m'));
  expect((await recorder.take()).screen).toBe('one\ntwo\nscan 99%');
  recorder.output(Buffer.from('\r\ndone'));
  expect((await recorder.take()).screen).toBe('two\nscan 99%\ndone');
});
