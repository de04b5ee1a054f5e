import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RECORDS } from '../../reports/fixtures/records.ts';
import { readLines, readRecords } from './record-lines.ts';
import { removeStrayEvidence, repairRun } from './repair-run.ts';
import { openRunFolder } from './run-folder.ts';

let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cutover-repair-'));
});
afterEach(() => rmSync(path, { recursive: true }));

const [first, second, third] = RECORDS.map((record) => JSON.stringify(record));
const WHOLE = `${first}\n${second}\n`;
const file = () => join(path, 'records.jsonl');

test.for([
  ['nothing', WHOLE, WHOLE, null],
  ['an empty file', '', '', null],
  ['a line by half', `${WHOLE}${third?.slice(0, -40)}`, WHOLE, /the last line was torn and was removed/],
  ['one letter of a line', `${WHOLE}{`, WHOLE, /was torn/],
  ['only a line by half', `${first?.slice(0, 50)}`, '', /was torn/],
  ['a line that lost its end', `${WHOLE}${third}`, `${WHOLE}${third}\n`, /its record is whole and is kept/],
  ['zeros, as after a power cut', `${WHOLE}${'\0'.repeat(3_000)}`, WHOLE, /was torn/],
  ['zeros with a line end', `${WHOLE}${'\0'.repeat(3_000)}\n`, WHOLE, /was torn/],
  ['a long line by half', `${WHOLE}{"v":1,"run":"${'x'.repeat(200_000)}`, WHOLE, /was torn/],
  // Another version's records are not torn: who reads them says so.
  ['a line of another version', `${WHOLE}{"v":0}\n`, `${WHOLE}{"v":0}\n`, null],
] as const)('after %s: what is whole stays', ([, left, mended, said]) => {
  writeFileSync(file(), left);
  const repairs = repairRun(path);
  expect(readFileSync(file(), 'utf8')).toBe(mended);
  expect(repairs).toEqual(said === null ? [] : [expect.stringMatching(said)]);
});

test('files that were written by half go, their targets and all else stay', () => {
  for (const name of ['run.json', 'run.json.12.tmp', 'devices.json.4711.tmp', 'notes.tmp'])
    writeFileSync(join(path, name), '');
  expect(repairRun(path)).toHaveLength(2);
  expect(readdirSync(path).sort()).toEqual(['notes.tmp', 'run.json']);
});

test('evidence that no record names goes, with the folders that are empty then', () => {
  const put = (name: string) => {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), '');
  };
  const kept = ['evidence/a@1/s/q/wire.pcapng', 'evidence/a@1/s/q/attempt-2/wire.pcapng'];
  const strays = [
    'evidence/a@1/s/q/console.cast',
    'evidence/a@1/s/q/attempt-3/wire.pcapng',
    'evidence/b@1/s/q/wire.pcapng',
  ];
  for (const name of [...kept, ...strays]) put(name);
  expect(removeStrayEvidence(path, new Set(kept))).toBe(strays.length);
  for (const name of kept) expect(existsSync(join(path, name))).toBe(true);
  expect(readdirSync(join(path, 'evidence'))).toEqual(['a@1']);
  expect(readdirSync(join(path, 'evidence/a@1/s/q')).sort()).toEqual(['attempt-2', 'wire.pcapng']);
});

test('a folder is mended when it is opened, so that what is appended stands on a line of its own', () => {
  const run = join(path, 'runs', 'r');
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'records.jsonl'), `${WHOLE}${third?.slice(0, 30)}`);
  {
    using folder = openRunFolder(path, 'r');
    expect(folder.repairs).toEqual([expect.stringMatching(/was torn/)]);
    const [record] = RECORDS;
    if (record !== undefined) folder.append(record);
  }
  expect(readFileSync(join(run, 'records.jsonl'), 'utf8')).toBe(`${WHOLE}${first}\n`);
});

test('a record that was written behind a torn line is no record, and neither is taken for the other', () => {
  const torn = third?.slice(0, Math.floor((third.length * 2) / 3)) ?? '';
  expect(torn).toContain('"evidence":{');
  writeFileSync(file(), `${first}\n${torn}${second}\n`);
  expect(() => readRecords(file())).toThrow(/records\.jsonl:2: not a record/);
});

test('lines are those of the text, whatever their lengths', () => {
  const lengths = [0, 1, 7, 262_143, 262_144, 262_145, 3, 0, 600_000, 5, 1_048_576, 2];
  const lines = lengths.map((length, i) => String.fromCharCode(97 + i).repeat(length));
  writeFileSync(file(), lines.join('\n'));
  // One at a time: the bytes of a line stand only until the next.
  const read = Array.from(readLines(file()), ({ number, bytes, complete, offset, length }) => {
    const text = bytes.toString();
    return { number, letter: text.replaceAll(text[0] ?? '', '') === '' ? text[0] : 'mixed', length, complete, offset };
  });
  let offset = 0;
  const expected = lines.flatMap((text, i) => {
    const at = offset;
    offset += text.length + 1;
    return text === ''
      ? []
      : [{ number: i + 1, letter: text[0], length: text.length, complete: i < lines.length - 1, offset: at }];
  });
  expect(read).toEqual(expected);
});
