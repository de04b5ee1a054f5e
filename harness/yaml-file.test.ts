import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { HarnessFault } from './faults.ts';
import { readYamlFile } from './yaml-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

const Printer = z.strictObject({
  name: z.string().min(1).max(20),
  port: z.int().min(1).max(65535).default(587),
  colour: z.boolean().optional(),
  speed: z.enum(['slow', 'medium', 'fast']).default('slow'),
  tags: z.array(z.string()).max(2).default([]),
  since: z.iso.date('a date is written YYYY-MM-DD').optional(),
  reach: z
    .discriminatedUnion('driver', [
      z.strictObject({ driver: z.literal('ssh'), host: z.string() }),
      z.strictObject({ driver: z.literal('pty'), program: z.array(z.string()) }),
    ])
    .optional(),
  key: z.union([z.literal(1024), z.literal(2048), z.literal('ed25519')]).optional(),
  owner: z
    .union([z.strictObject({ person: z.string() }), z.strictObject({ team: z.string(), room: z.string() })])
    .optional(),
});

function write(content: string | Buffer): string {
  const path = join(folder, 'printer.yaml');
  writeFileSync(path, content);
  return path;
}

/** The messages, without the folder in front. */
function problemsOf(content: string | Buffer): string[] {
  try {
    readYamlFile(write(content), Printer);
  } catch (error) {
    if (error instanceof HarnessFault) return error.message.replaceAll(`${folder}/`, '').split('\n');
    throw error;
  }
  return [];
}

test('a good file is read and defaults are filled in', () => {
  const printer = readYamlFile(
    write('# yaml-language-server: $schema=x.json\nname: Laser\nreach: {driver: ssh, host: a}\n'),
    Printer,
  );
  expect(printer).toEqual({ name: 'Laser', port: 587, speed: 'slow', tags: [], reach: { driver: 'ssh', host: 'a' } });
});

describe('what is wrong is said with its place, why, and what to do', () => {
  test.for([
    ['a missing key', 'port: 25', '1:1: name: is missing, and nothing can stand in for it; add "name: …" with a text'],
    [
      'an unknown key near a known one',
      'name: x\nclour: true',
      '2:1: (file): the key "clour" is unknown, so it would have no effect; did you mean "colour"?',
    ],
    [
      'an unknown key near none',
      'name: x\nreach: {driver: ssh, host: a, zzz: 1}',
      '2:31: reach: the key "zzz" is unknown, so it would have no effect; remove it, or use one of driver, host, program',
    ],
    [
      'a comma in a text',
      '{name: x, owner: {person: Ann, from sales}}',
      '1:32: owner: this begins a new key, because a comma inside {…} ends the text before it; put that text in quotes',
    ],
    ['a wrong type', 'name: 5', '1:7: name: the number 5 stands here, expected is a text'],
    ['an empty value', 'name:', '1:6: name: an empty value stands here, expected is a text'],
    ['a list for a text', 'name: [a, b]', '1:7: name: a list of 2 stands here, expected is a text'],
    ['a text for a list', 'name: x\ntags: a', '2:7: tags: the text "a" stands here, expected is a list ("- …")'],
    ['a fraction', 'name: x\nport: 2.5', '2:7: port: the number 2.5 stands here, expected is a whole number'],
    ['a number out of range', 'name: x\nport: 99999', '2:7: port: the number 99999 is out of range: at most 65535'],
    ['an empty text', 'name: ""', '1:7: name: the text "" must not be empty'],
    ['a long list', 'name: x\ntags: [a, b, c]', '2:7: tags: a list of 3 needs at most 2 entries'],
    ['a wrong entry', 'name: x\ntags:\n  - a\n  - 7', '4:5: tags[1]: the number 7 stands here, expected is a text'],
    [
      'a slip in a word',
      'name: x\nspeed: fats',
      '2:8: speed: "fats" is not possible here; did you mean "fast"? allowed: slow, medium, fast',
    ],
    ['no such word', 'name: x\nspeed: 7', '2:8: speed: 7 is not possible here; allowed: slow, medium, fast'],
    [
      'a wrong form',
      'name: x\nsince: tomorrow',
      '2:8: since: the text "tomorrow" has the wrong form: a date is written YYYY-MM-DD',
    ],
    ['several literals', 'name: x\nkey: 512', '2:6: key: 512 is not possible here; allowed: 1024, 2048, ed25519'],
    [
      'the likelier of two shapes',
      'name: x\nowner: {team: a}',
      '2:8: owner.room: is missing, and nothing can stand in for it; add "room: …" with a text',
    ],
    ['a list as the file', '- name: x', '1:1: (file): a list of 1 stands here, expected is a map of keys and values'],
    ['an empty file', '', '1:1: (file): an empty value stands here, expected is a map of keys and values'],
    [
      'a key twice',
      'name: x\nname: y',
      '2:1: (syntax): this key stands twice, and only one of them can count; remove one',
    ],
    [
      'a tab',
      'name: x\nreach:\n\tdriver: ssh',
      '3:1: (syntax): a tab indents this line, which YAML forbids; use spaces',
    ],
    [
      'a second document',
      'name: x\n---\nname: y',
      '2:1: (syntax): a second document starts here ("---"), and one file holds one thing; make it a file of its own',
    ],
    [
      'a tag',
      'name: !!js/function x',
      '1:7: (syntax): this tag ("!…") is unknown, and files are plain data that run no code; remove it',
    ],
    [
      'an alias to nothing',
      'name: *x',
      '1:1: (syntax): unresolved alias (the anchor must be set before the alias): x; correct the YAML here',
    ],
    [
      'a control character',
      'name: a\u0000b',
      '1:8: (file): holds the control character U+0000, which no YAML may; remove it',
    ],
    [
      'Latin-1',
      Buffer.from('name: Büro', 'latin1'),
      '1:1: (file): is not UTF-8 text; save it as UTF-8, or give the right file',
    ],
    ['10 MB', 'x'.repeat(10_000_000), '1:1: (file): has 9.5 MiB, and the limit is 1 MiB; is it the right file?'],
  ] as const)('%s', ([, content, message]) => {
    expect(problemsOf(content)).toEqual([`printer.yaml:${message}`]);
  });

  test('the driver decides which keys are missed', () => {
    expect(problemsOf('name: x\nreach: {driver: pty, host: a}')).toEqual([
      'printer.yaml:2:8: reach.program: is missing, and nothing can stand in for it; add "program: …" with a list ("- …")',
      'printer.yaml:2:22: reach: the key "host" does not go with the other keys here, so it would have no effect; remove it, or them',
    ]);
  });
});

test('every problem is listed, in the order of the file', () => {
  const problems = problemsOf('port: 0\nspeed: quick\ntags: [1]\nnmae: x\nport: 1\n');
  expect(problems.map((line) => line.split(':').slice(0, 4).join(':'))).toEqual([
    'printer.yaml:1:1: name',
    'printer.yaml:2:8: speed',
    'printer.yaml:3:8: tags[0]',
    'printer.yaml:4:1: (file)',
    'printer.yaml:5:1: (syntax)',
  ]);
});

test('anchors may save typing, but not explode', () => {
  expect(readYamlFile(write('name: &n Laser\ntags: [*n, *n]\n'), Printer).tags).toEqual(['Laser', 'Laser']);
  const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 9; i += 1)
    bomb.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  expect(problemsOf(bomb.join('\n'))).toEqual([
    'printer.yaml:1:1: (syntax): repeats its anchors ("*…") until the content explodes; write the values out',
  ]);
});

test('a quoted value can neither steer the terminal nor turn the text around nor fill the screen', () => {
  const [problem = ''] = problemsOf(String.raw`{name: x, speed: "\e[2J\u202etxt\x9b"}`);
  expect(problem).toContain(String.raw`"\u001b[2J\u202etxt\u009b" is not possible here`);
  expect(problemsOf(`{name: x, speed: ${'y'.repeat(5000)}}`)[0]?.length).toBeLessThan(200);
});

test('nesting without end is refused', () => {
  const problems = problemsOf(`name: ${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  expect(problems[0]).toMatch(/^printer\.yaml:1:\d+: \(syntax\): is nested too deeply to be read; flatten it$/);
});

test('an unreadable file is said to be so', () => {
  expect(() => readYamlFile(join(folder, 'none.yaml'), Printer)).toThrow(
    /none\.yaml: cannot be read: there is no such file\.$/,
  );
  expect(() => readYamlFile(folder, Printer)).toThrow(/cannot be read: it is a folder\.$/);
  expect(() => readYamlFile('/dev/zero', Printer)).toThrow(/cannot be read: it is no plain file\.$/);
});

test('any bytes end in data or in a HarnessFault with a place', () => {
  const piece = fc.constantFrom(
    'name',
    'tags',
    ': ',
    '\n',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '"',
    "'",
    '|',
    '%',
    '!',
    '\t',
    '#',
    '? ',
    '  ',
    '__proto__',
    '<<',
  );
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(content, (bytes) => {
      for (const problem of problemsOf(bytes)) expect(problem).toMatch(/^printer\.yaml:\d+:\d+: \S/);
    }),
    { numRuns: 500 },
  );
});
