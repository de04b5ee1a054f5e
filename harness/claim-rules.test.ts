import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contradictions } from './claim-rules.ts';
import { readDevices } from './device-files.ts';
import { HarnessFault } from './faults.ts';
import { Device } from './vocabulary/device.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-claims-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lines 5 on are the claim. */
const CLAIM = `id: laser-9
vendor: Muster
model: Laser 9
kind: printer
claims:
  - says: {de: Druckt., en: Prints.}
    source:
      title: Handbuch
      url: https://vendor.example/handbuch
      date: '2026-01-01'
      confidence: vendor-documented
    when: {firmware: '>=3'}
    implies:
      verdict: works
`;

function store(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function problems(text: string, systems: readonly string[] = []): string {
  store('laser-9.yaml', text);
  try {
    readDevices(folder, { systems, today: new Date('2026-06-01T12:00:00Z') });
    return '';
  } catch (error) {
    if (error instanceof HarnessFault) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
}

test('a claim that is borne by its source is read', () => {
  expect(problems(CLAIM)).toBe('');
  expect(problems(CLAIM.replace('>=3', '<3').replace('works', 'legacy-only\n      cause: version-too-old'))).toBe('');
});

const IMPLIES = '      verdict: works\n';
const implying = (text: string) => CLAIM.replace(IMPLIES, text);

test.for<[string, string, RegExp]>([
  [
    'without a source',
    CLAIM.replace(/ {4}source:[^]*documented\n/, ''),
    /^laser-9\.yaml:6:5: claims\[0\]\.source: is missing/,
  ],
  [
    'without an address',
    CLAIM.replace(/ {6}url:.*\n/, ''),
    /^laser-9\.yaml:\d+:\d+: claims\[0\]\.source\.url: is missing/,
  ],
  ['an address that opens nothing', CLAIM.replace('https:', 'javascript:'), /:9:12: claims\[0\]\.source\.url: /],
  ['without a date', CLAIM.replace(/ {6}date:.*\n/, ''), /claims\[0\]\.source\.date: is missing/],
  [
    'of tomorrow',
    CLAIM.replace('2026-01-01', '2026-06-03'),
    /^laser-9\.yaml:10:13: claims\[0\]\.source\.date: .*lies in the future/,
  ],
  [
    'works without a bound',
    CLAIM.replace(/ {4}when.*\n/, ''),
    /^laser-9\.yaml:13:16: claims\[0\]\.implies\.verdict: "works" holds for no version.*add `when/,
  ],
  [
    'works, says a forum',
    CLAIM.replace('vendor-documented', 'forum'),
    /:14:16: claims\[0\]\.implies\.verdict: a forum does not bear "works"/,
  ],
  [
    'after an update, says a forum',
    implying('      verdict: works-after-update\n      update: "4"\n').replace('vendor-documented', 'forum'),
    /a forum does not bear "works-after-update"/,
  ],
  [
    'after a change, of what?',
    implying('      verdict: works-after-change\n'),
    /:14:7: claims\[0\]\.implies: .*what to enter; add `setting/,
  ],
  ['after an update, to what?', implying('      verdict: works-after-update\n'), /which version works; add `update/],
  ['legacy-only, why?', implying('      verdict: legacy-only\n'), /"legacy-only" does not say why; add `cause/],
  ['stops-working, why?', implying('      verdict: stops-working\n'), /"stops-working" does not say why/],
  ['fails-already, why?', implying('      verdict: fails-already\n'), /"fails-already" does not say why/],
  [
    'a setting of the other direction',
    implying(
      '      directions: [send]\n      verdict: works-after-change\n      setting: {id: x, protocol: imap, port: 993, security: implicit}\n',
    ),
    /implies\.setting: a setting for imap is not for send/,
  ],
  [
    'a system that there is not',
    CLAIM.replace("{firmware: '>=3'}", '{os: windows-9}'),
    /^laser-9\.yaml:12:16: claims\[0\]\.when\.os: no device file of the kind "os" is called "windows-9"/,
  ],
])('%s is refused', ([, text, message]) => {
  expect(problems(text)).toMatch(message);
});

test('a system is known by a file of its own, or from elsewhere', () => {
  const text = CLAIM.replace("{firmware: '>=3'}", '{os: windows-9}');
  expect(problems(text, ['windows-9'])).toBe('');
  store('os/windows-9.yaml', 'id: windows-9\nvendor: Muster\nmodel: Windows 9\nkind: os\n');
  expect(problems(text)).toBe('');
});

test('claims that contradict each other are found under the same condition only', () => {
  const claim = (verdict: string, firmware?: string) => ({
    says: { de: 'x', en: 'x' },
    source: { title: 'x', url: 'https://vendor.example/', date: '2026-01-01', confidence: 'vendor-documented' },
    implies: { verdict, cause: 'version-too-old' },
    ...(firmware === undefined ? {} : { when: { firmware } }),
  });
  const device = (...claims: readonly object[]) =>
    Device.parse({ id: 'x', vendor: 'x', model: 'x', kind: 'printer', claims });
  expect(contradictions(device(claim('works', '>=3'), claim('stops-working', '<3'), claim('unknown', '>=3')))).toEqual(
    [],
  );
  expect(contradictions(device(claim('works', '>=3'), claim('works'), claim('stops-working', '>=3')))).toEqual([
    [0, 2],
  ]);
});
