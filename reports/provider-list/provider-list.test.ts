import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDevices } from '../../harness/device-files.ts';
import { Source } from '../../harness/vocabulary/claim.ts';
import { Device } from '../../harness/vocabulary/device.ts';
import { Verdict } from '../../harness/vocabulary/verdict.ts';
import { checkProviderList, type CheckedRow } from './check-provider-list.ts';
import { readProviderList, type ProviderList } from './provider-list.ts';
import { renderProviderList, renderProviderListJson } from './render-provider-list.ts';

const ANNOUNCEMENT = 'https://provider.example/announcement';
const NO_CLAIM = { de: 'Sagt nichts.', en: 'Says nothing.' };

describe('a row', () => {
  test('without anything known has no evidence', () => {
    expect(check([program([])]).result).toBe('no-evidence');
  });

  test('agrees with a source that says it works from an older version on, and could begin earlier', () => {
    const row = check([program([claim('works', { firmware: '>=31.5' })])]);
    expect(row.result).toBe('agrees');
    expect(row.evidence).toMatchObject([{ side: 'for', by: 'claimed', earlier: true }]);
  });

  test('is neither supported nor contradicted by a source about older versions alone', () => {
    const row = check([program([claim('legacy-only', { firmware: '<40' })])]);
    expect(row).toMatchObject({ result: 'no-evidence', evidence: [] });
  });

  test('conflicts with one source against it, whatever others say; both are shown, the one against first', () => {
    const row = check([program([claim('works', {}, 'a'), claim('stops-working', { firmware: '>=60 <70' }, 'b')])]);
    expect(row.result).toBe('conflicts');
    expect(row.evidence.map((e) => [e.side, e.source?.url])).toEqual([
      ['against', 'https://source.example/b'],
      ['for', 'https://source.example/a'],
    ]);
  });

  test('does not prove itself: what cites the announcement is no evidence', () => {
    const own = { ...claim('works', {}), source: { ...claim('works', {}).source, url: ANNOUNCEMENT } };
    expect(check([program([own])])).toMatchObject({ result: 'no-evidence', evidence: [] });
  });

  test('hears another list once, also where a device file cites it', () => {
    const cited = claim('stops-working', {});
    const other = { provider: 'Andere', source: Source.parse(cited.source) };
    const statements = [{ row: 'thundermail', side: 'against' as const, says: { de: 'Nein.', en: 'No.' } }];
    const [row] = checkProviderList({ ...LIST, others: [{ ...other, statements }] }, [program([cited])], []);
    expect(row?.evidence).toMatchObject([{ side: 'against', by: 'provider', says: { en: 'No.' } }]);
  });

  test('shows a recording that decides nothing, without counting it', () => {
    const row = check([program([{ ...claim('works', {}), implies: undefined }])]);
    expect(row).toMatchObject({ result: 'no-evidence', evidence: [{ side: 'open', says: NO_CLAIM }] });
  });

  test('takes in what programs say of the system that it names, once for each source', () => {
    const mail = (id: string) => program([claim('legacy-only', { os: 'thundermail' })], id);
    const row = check([program([]), mail('post'), mail('brief')]);
    expect(row.result).toBe('conflicts');
    expect(row.evidence).toHaveLength(1);
    expect(row.evidence[0]?.subjects.map((s) => [s.name, s.when])).toEqual([
      ['post', 'thundermail'],
      ['brief', 'thundermail'],
    ]);
  });

  test('leaves out what a program says of its own old versions on that system', () => {
    const mail = program([claim('legacy-only', { os: 'thundermail', firmware: '<3' })], 'post');
    expect(check([program([]), mail]).result).toBe('no-evidence');
  });

  test('hears of systems that it leaves out only when they work all the same', () => {
    const older = (word: string) => check([program([]), program([claim(word, {})], 'oldmail')]);
    expect(older('legacy-only')).toMatchObject({ result: 'no-evidence', evidence: [] });
    expect(older('works').evidence).toMatchObject([{ side: 'for', earlier: true }]);
  });
});

describe('measurements', () => {
  test('of real devices count, with their trials', () => {
    const row = check([program([])], [measured('legacy-only', '60.1')]);
    expect(row.result).toBe('conflicts');
    expect(row.evidence).toMatchObject([{ side: 'against', by: 'measured', trials: ['thundermail@60.1/x'] }]);
  });

  test('of emulated devices, and of versions that the row leaves out, do not', () => {
    expect(check([program([])], [{ ...measured('works', '60.1'), emulated: true }]).evidence).toEqual([]);
    expect(check([program([])], [measured('legacy-only', '40')]).evidence).toEqual([]);
  });

  test('of a file that is one version count whatever it calls itself', () => {
    const [row] = LIST.rows.map((r) => ({ ...r, wholeFile: true }));
    const list = { ...LIST, rows: row === undefined ? [] : [row] };
    const checked = checkProviderList(list, [program([])], [measured('works', '16.0')]);
    expect(checked).toMatchObject([{ result: 'agrees', evidence: [{ by: 'measured', earlier: false }] }]);
  });
});

describe('the text', () => {
  const against = check([program([claim('stops-working', {})])]);

  test.for([
    ['de', 'Thundermail ab 52: Belege widersprechen', '0 von 1 Zeilen stimmen', 'dagegen: thundermail, laut Quelle'],
    ['en', 'Thundermail from 52 on: conflicts with evidence', '0 of 1 rows agree', 'against: thundermail, according'],
  ] as const)('in %s counts the rows and gives each its evidence and addresses', ([language, title, count, side]) => {
    const text = renderProviderList(LIST, [against], language);
    for (const part of [title, count, side, NO_CLAIM[language], 'https://source.example/a', ANNOUNCEMENT]) {
      expect(text).toContain(part);
    }
  });

  test('for programs holds the same', () => {
    const json: unknown = JSON.parse(renderProviderListJson(LIST, [against], null));
    expect(json).toMatchObject({
      provider: 'Muster',
      rows: [{ device: 'thundermail', minimum: '52', result: 'conflicts', evidence: [{ side: 'against' }] }],
    });
  });
});

describe('the list of the provider beside the catalogue', () => {
  const list = readProviderList();
  const devices = readDevices(join(import.meta.dirname, '../../devices'));
  const rows = checkProviderList(list, devices, []);

  test('names device files that are there', () => {
    const named = list.rows.flatMap((r) => [r.device, ...r.also.map((a) => a.device), ...r.older]);
    expect(named.filter((id) => !devices.some((d) => d.id === id))).toEqual([]);
  });

  test('shows what stands against iOS 9 and OS X 10.11, with addresses', () => {
    for (const device of ['ios-9', 'macos-10.11']) {
      const row = rows.find((r) => r.row.device === device);
      expect(row?.result).toBe('conflicts');
      expect(row?.evidence[0]).toMatchObject({ side: 'against', source: { url: expect.stringMatching(/^https?:/) } });
    }
    const mailDe = rows.find((r) => r.row.device === 'macos-10.11')?.evidence.find((e) => e.by === 'provider');
    expect(mailDe?.source?.url).toContain('mail.de');
  });

  test('says that Thunderbird could stand there with an older version', () => {
    const row = rows.find((r) => r.row.device === 'thunderbird');
    expect(row?.result).toBe('agrees');
    expect(row?.evidence.some((e) => e.earlier)).toBe(true);
  });
});

const LIST: ProviderList = {
  provider: 'Muster',
  source: { title: 'Announcement', url: ANNOUNCEMENT, date: '2026-11-01', confidence: 'vendor-documented' },
  rows: [
    {
      says: { de: 'Thundermail ab 52', en: 'Thundermail from 52 on' },
      device: 'thundermail',
      minimum: '52',
      wholeFile: false,
      also: [],
      older: ['oldmail'],
    },
  ],
  others: [],
};

function check(devices: readonly Device[], verdicts: readonly Verdict[] = []): CheckedRow {
  const [row] = checkProviderList(LIST, devices, verdicts);
  if (row === undefined) throw new Error('one row was asked for');
  return row;
}

function program(claims: readonly object[], id = 'thundermail'): Device {
  return Device.parse({ id, vendor: 'Muster', model: id, kind: 'mail-program', claims });
}

function claim(verdict: string, when: object, source = 'a') {
  const url = `https://source.example/${source}`;
  return {
    says: NO_CLAIM,
    source: { title: 'A page', url, date: '2026-11-01', confidence: 'third-party-documented' },
    when,
    implies: { verdict, ...(verdict === 'works' ? {} : { cause: 'version-too-old', encrypted: true }) },
  };
}

function measured(verdict: string, firmware: string): Verdict {
  return Verdict.parse({
    v: 1,
    device: 'thundermail',
    direction: 'send',
    verdict,
    basis: 'measured',
    causes: [],
    confidence: 'confirmed',
    remedies: [],
    engine: 'embedded',
    firmware,
    emulated: false,
    measuredAt: '2026-11-20T10:00:00Z',
    expiresAt: '2027-11-20',
    trials: [`thundermail@${firmware}/x`],
  });
}
