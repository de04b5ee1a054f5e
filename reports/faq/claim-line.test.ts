import { expect, test } from 'vitest';
import { Device } from '../../harness/vocabulary/device.ts';
import type { Direction } from '../../harness/vocabulary/trial.ts';
import { claimEntries } from './claim-entries.ts';
import { renderClaimLine } from './claim-line.ts';
import type { Cell } from './document.ts';

const SYSTEMS = new Map(
  ['Windows 7', 'Windows 10', 'Windows 11'].map((model) => {
    const os = Device.parse({ id: model.toLowerCase().replace(' ', '-'), vendor: 'Microsoft', model, kind: 'os' });
    return [os.id, os];
  }),
);

interface Said {
  readonly says?: string;
  readonly title?: string;
  readonly date?: string;
  readonly written?: string;
  readonly confidence?: string;
  readonly when?: object;
  readonly implies?: object;
}

function said({
  says = 'Es heißt so.',
  title = 'Handbuch',
  date = '2025-01-15',
  written,
  confidence = 'vendor-documented',
  when,
  implies,
}: Said): object {
  const url = `https://source.example/${encodeURIComponent(title)}`;
  return {
    says: { de: says, en: says },
    source: { title, url, date, confidence, ...(written && { written }) },
    ...(when && { when }),
    ...(implies && { implies }),
  };
}

function program(claims: readonly Said[], kind = 'mail-program'): Device {
  return Device.parse({ id: 'post-3', vendor: 'Altwerk', model: 'Post 3', kind, claims: claims.map(said) });
}

function lines(device: Device, { asOf = '2025-02-01', measured = [] as readonly Direction[] } = {}): readonly string[] {
  return claimEntries(device, new Set(measured), asOf).map(
    (entry) => `${entry.group} | ${plain(renderClaimLine(entry, { systems: SYSTEMS, asOf, language: 'de' }))}`,
  );
}

function plain(cell: Cell): string {
  return cell.map((c) => (typeof c === 'string' ? c : 'strong' in c ? c.strong : c.text)).join('');
}

test('a claim is one line with its condition in words, its source and how old both are', () => {
  const device = program([
    { when: { os: 'windows-7' }, implies: { verdict: 'legacy-only' }, says: 'Nur TLS 1.0.', written: '2016-03' },
  ]);
  expect(lines(device)).toEqual([
    'legacy-only | Altwerk Post 3 (mit Windows 7): Nur TLS 1.0. (Quelle: Handbuch, von 03/2016, Stand 15.01.2025)',
  ]);
});

test.for([
  ['>=6.20 <7', 'camera', 'ab Firmware 6.20 und vor 7'],
  ['<=2', 'router', 'bis Firmware 2'],
  ['60', 'mail-program', 'mit Version 60'],
  ['>52', 'mail-program', 'nach Version 52'],
] as const)('the range %s of a %s is said as "%s"', ([firmware, kind, words]) => {
  const device = program([{ when: { firmware }, implies: { verdict: 'works' } }], kind);
  expect(lines(device)[0]).toContain(`(${words}): `);
});

test('what to enter and what to install is said', () => {
  const setting = { id: 'a', protocol: 'smtp', port: 465, security: 'implicit' };
  const device = program([
    { when: { firmware: '>=2' }, implies: { verdict: 'works-after-change', setting, directions: ['send'] } },
    { when: { firmware: '<2' }, implies: { verdict: 'works-after-update', update: '2.1' } },
  ]);
  expect(lines(device)[0]).toContain('(ab Version 2; Senden): Es heißt so. Einzutragen: Port 465 mit SSL/TLS.');
  expect(lines(device)[1]).toContain('(vor Version 2): Es heißt so. Nötiges Update: 2.1.');
});

test('conditions with the same answer from the same source stand together; the direction only where one is meant', () => {
  const works = { verdict: 'works' };
  const device = program([
    { when: { os: 'windows-10' }, implies: works },
    { when: { os: 'windows-11' }, implies: works },
    { when: { firmware: '>=60' }, implies: { ...works, directions: ['fetch'] }, title: 'Blog' },
  ]);
  expect(lines(device)).toEqual([
    'works | Altwerk Post 3: mit Windows 10 oder Windows 11 (Quelle: Handbuch, Stand 15.01.2025); ' +
      'ab Version 60; Abrufen (Quelle: Blog, Stand 15.01.2025)',
  ]);
});

test('a narrower version range adds nothing, unless the wider statement is stale', () => {
  const device = program([
    { when: { firmware: '>=31.5' }, implies: { verdict: 'works' }, date: '2024-02-10', says: 'Weit.' },
    { when: { firmware: '>=60' }, implies: { verdict: 'works' }, date: '2025-01-01', says: 'Eng.' },
  ]);
  expect(lines(device)[0]).toContain('(ab Version 31.5): Weit.');
  expect(lines(device)[0]).not.toContain('60');
  const later = lines(device, { asOf: '2025-03-01' })[0];
  expect(later).toContain('ab Version 31.5 (Quelle: Handbuch, Stand 10.02.2024, muss neu geprüft werden);');
  expect(later).toContain('ab Version 60 (Quelle: Handbuch, Stand 01.01.2025)');
});

test.for<readonly [string, object | undefined, object | undefined]>([
  ['the same condition', { firmware: '>=2' }, { firmware: '>=2' }],
  ['versions that overlap', { firmware: '>=2 <5' }, { firmware: '>=4' }],
  ['no condition at all', undefined, undefined],
])('sources that say different things of %s contradict each other: unknown, both shown', ([, first, second]) => {
  const device = program([
    { implies: { verdict: 'legacy-only' }, says: 'Geht nicht.', title: 'Forum', ...(first && { when: first }) },
    { implies: { verdict: 'works' }, says: 'Geht.', title: 'Blog', ...(second && { when: second }) },
  ]);
  const [line, ...others] = lines(device);
  expect(others).toEqual([]);
  expect(line).toMatch(
    /^unknown \| .*Die Quellen widersprechen sich\. .*Geht nicht\. \(Quelle: Forum.*Geht\. \(Quelle: Blog/,
  );
});

test('other versions, another system, or a source that does not know are no contradiction', () => {
  const groups = (claims: readonly Said[]) => lines(program(claims)).map((line) => line.split(' ')[0]);
  const [works, legacy, unknown] = [{ verdict: 'works' }, { verdict: 'legacy-only' }, { verdict: 'unknown' }];
  expect(
    groups([
      { implies: works, when: { firmware: '>=5' } },
      { implies: legacy, when: { firmware: '<5' } },
    ]),
  ).toEqual(['works', 'legacy-only']);
  expect(
    groups([
      { implies: works, when: { os: 'windows-10' } },
      { implies: legacy, when: { os: 'windows-7' } },
    ]),
  ).toEqual(['works', 'legacy-only']);
  expect(
    groups([
      { implies: unknown, when: { firmware: '2' } },
      { implies: works, when: { firmware: '2' } },
    ]),
  ).toEqual(['works']);
});

test('what holds without a condition holds for the rest', () => {
  const device = program([
    { implies: { verdict: 'works' }, when: { firmware: '>=5' } },
    { implies: { verdict: 'unknown' }, says: 'Sonst weiß man nichts.' },
  ]);
  expect(lines(device)[1]).toBe(
    'unknown | Altwerk Post 3 (sonst): Sonst weiß man nichts. (Quelle: Handbuch, Stand 15.01.2025)',
  );
});

test('a direction that was measured is left out; a device of which nothing follows is unknown', () => {
  const device = program([{ implies: { verdict: 'works' }, when: { firmware: '>=5' } }]);
  expect(lines(device, { measured: ['send'] })[0]).toContain('(ab Version 5; Abrufen)');
  expect(lines(device, { measured: ['send', 'fetch'] })).toEqual([]);
  expect(lines(program([{ says: 'Hat ein Menü.' }]))[0]).toMatch(/^unknown \| Altwerk Post 3: Hat ein Menü\./);
});

test('of several sources that agree the most trusted one is quoted and all are named', () => {
  const device = program([
    { says: 'Im Forum so.', title: 'Forum', confidence: 'forum', implies: { verdict: 'legacy-only' } },
    { says: 'Der Hersteller so.', title: 'Hersteller', implies: { verdict: 'legacy-only' } },
  ]);
  expect(lines(device)).toEqual([
    'legacy-only | Altwerk Post 3: Der Hersteller so. ' +
      '(Quelle: Hersteller, Stand 15.01.2025; außerdem Forum, Stand 15.01.2025)',
  ]);
});

test('where nothing follows from any claim, each still stands with its own condition', () => {
  const device = program([
    { when: { firmware: '6' }, title: 'A' },
    { when: { firmware: '7' }, title: 'B' },
  ]);
  expect(lines(device)).toEqual([
    'unknown | Altwerk Post 3: mit Version 6 (Quelle: A, Stand 15.01.2025); mit Version 7 (Quelle: B, Stand 15.01.2025)',
  ]);
});

test('a claim of an operating system about itself does not say so', () => {
  const claims = [{ when: { os: 'windows-7' }, implies: { verdict: 'legacy-only' } }].map(said);
  const device = Device.parse({ id: 'windows-7', vendor: 'Microsoft', model: 'Windows 7', kind: 'os', claims });
  expect(lines(device)).toEqual([
    'legacy-only | Microsoft Windows 7: Es heißt so. (Quelle: Handbuch, Stand 15.01.2025)',
  ]);
});
