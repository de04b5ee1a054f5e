import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HarnessFault } from '../faults.ts';
import { type Suite, suiteByName } from '../vocabulary/iana.ts';
import { renderModeSchema } from './mode-file.ts';
import { MODES_FOLDER, readMode, readModes } from './read-mode.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-modes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const IDS = ['today', 'strict', 'legacy', 'forgiving'] as const;
const mode = (id: (typeof IDS)[number]) => readMode(join(MODES_FOLDER, `${id}.yaml`));
const suitesOf = (id: (typeof IDS)[number]): Suite[] => mode(id).suites.map((name) => suiteByName(name)!);
const textOf = (id: string) => readFileSync(join(MODES_FOLDER, `${id}.yaml`), 'utf8');

function store(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function problemsOf(text: string): string[] {
  try {
    readMode(store('mine.yaml', text));
  } catch (error) {
    if (error instanceof HarnessFault) return error.message.replaceAll(`${folder}/`, '').split('\n');
    throw error;
  }
  return [];
}

describe("the provider's announcement", () => {
  test.for([
    ['today', '1.0', 'allowed', 'smtp.variomedia.de', { until: '2025-03-04', trials: [] }],
    ['strict', '1.2', 'refused', 'smtp.variomedia.de', { from: '2025-03-05', trials: [] }],
    ['legacy', '1.0', 'allowed', 'smtp-legacy.variomedia.de', { from: '2025-03-05', until: '2025-05-30', trials: [] }],
  ] as const)('%s', ([id, min, plaintext, smtp, dates]) => {
    const read = mode(id);
    expect(read).toMatchObject({
      id,
      purpose: 'policy',
      plaintext,
      tls: { min, max: '1.3' },
      auth: ['PLAIN', 'LOGIN'],
    });
    expect(read.hosts.smtp).toBe(smtp);
    expect(read.dates).toEqual(dates);
  });

  test('strict and legacy differ in versions, plaintext and SHA-1 signatures, and in no suite', () => {
    const { suites, groups, signatures } = mode('strict');
    expect(mode('legacy').suites).toEqual(suites);
    expect(mode('legacy').groups).toEqual(groups);
    expect(mode('legacy').signatures).toEqual([...signatures, 'ecdsa_sha1', 'rsa_pkcs1_sha1']);
    expect(signatures.filter((name) => /sha1$|md5|sha224/.test(name))).toEqual([]);
  });

  test('today has 3DES more than legacy', () => {
    const more = mode('today').suites.filter((name) => !mode('legacy').suites.includes(name));
    expect(more.every((name) => name.endsWith('_3DES_EDE_CBC_SHA'))).toBe(true);
    expect(more).toContain('TLS_RSA_WITH_3DES_EDE_CBC_SHA');
  });

  test('the control refuses nothing that another mode takes', () => {
    const { purpose, suites, groups, signatures, auth, plaintext, tls } = mode('forgiving');
    expect({ purpose, plaintext, tls, auth }).toEqual({
      purpose: 'control',
      plaintext: 'allowed',
      tls: { min: '1.0', max: '1.3' },
      auth: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'NONE'],
    });
    expect(suites).toEqual(expect.arrayContaining(mode('legacy').suites));
    expect(groups).toEqual(expect.arrayContaining(mode('legacy').groups));
    expect(signatures).toEqual(expect.arrayContaining(mode('legacy').signatures));
  });

  test.for(IDS)('%s lists no RC4, single DES, export, anonymous or NULL suite', (id) => {
    expect(mode(id).suites.filter((name) => /RC4|_DES_|EXPORT|_anon_|_NULL_/.test(name))).toEqual([]);
    expect(suitesOf(id).every(({ openssl }) => openssl !== null)).toBe(true);
  });

  test.for(IDS)('%s tells editors its schema', (id) => {
    expect(textOf(id)).toMatch(/^# yaml-language-server: \$schema=\.\/mode\.schema\.json\n/);
  });
});

test('the JSON Schema for editors is current (npx vitest run -u renders it)', async () => {
  await expect(renderModeSchema()).toMatchFileSnapshot(join(MODES_FOLDER, 'mode.schema.json'));
});

describe('a mode of one’s own', () => {
  test('is read by its path, next to those of the harness', () => {
    const mine = store('mine.yaml', textOf('strict').replace('id: strict', 'id: mine'));
    expect(readModes(['strict', mine]).map(({ id }) => id)).toEqual(['strict', 'mine']);
  });

  test("finds the provider's files from the mode's folder", () => {
    const text = `${textOf('strict')}certificate:\n  files: {chain: certs/chain.pem, key: /etc/key.pem}\n`;
    expect(readMode(store('own.yaml', text)).certificate).toEqual({
      files: { chain: join(folder, 'certs/chain.pem'), key: '/etc/key.pem' },
    });
  });

  test('must have an id of its own', () => {
    expect(() => readModes(['strict', store('strict.yaml', textOf('strict'))])).toThrow(/have the id "strict"/);
  });

  test('an unknown name is answered with the known ones', () => {
    expect(() => readModes(['stict'])).toThrow(
      'There is no mode "stict". The modes are: forgiving, legacy, strict, today.',
    );
  });
});

describe('names and versions', () => {
  const [line] = [textOf('strict').split('\n').indexOf('suites:') + 2];
  test.for([
    [
      '  # TLS 1.3',
      '  - AES128-SHA',
      `${line}:5: suites[0]: "AES128-SHA" is no IANA name of a cipher suite; did you mean TLS_RSA_WITH_AES_128_CBC_SHA?`,
    ],
    [
      '  # TLS 1.3',
      '  - TLS_AES_128_GCM_SHA265',
      `${line}:5: suites[0]: "TLS_AES_128_GCM_SHA265" is no IANA name of a cipher suite; did you mean TLS_AES_128_GCM_SHA256?`,
    ],
    [
      '  # TLS 1.3',
      '  - TLS_AES_128_GCM_SHA256',
      `${line + 3}:5: suites[3]: TLS_AES_128_GCM_SHA256 is listed twice; remove one`,
    ],
  ])('%s → %s', ([from = '', to = '', problem]) => {
    expect(problemsOf(textOf('strict').replace(from, to))).toEqual([`mine.yaml:${problem}`]);
  });

  test('OpenSSL’s names of groups and signatures are answered with IANA’s', () => {
    const text = textOf('strict').replace('- secp256r1', '- prime256v1').replace('- rsa_pkcs1_sha256', '- RSA+SHA256');
    expect(problemsOf(text).map((problem) => problem.replace(/^[^ ]+ /, ''))).toEqual([
      'groups[2]: "prime256v1" is no IANA name of a group; did you mean secp256r1?',
      'signatures[11]: "RSA+SHA256" is no IANA name of a signature scheme; did you mean rsa_pkcs1_sha256?',
    ]);
  });

  test('versions may be written as numbers', () => {
    expect(readMode(store('mine.yaml', textOf('strict').replace('min: "1.2"', 'min: 1.0'))).tls.min).toBe('1.0');
  });

  test('an upside-down range is refused', () => {
    expect(
      problemsOf(textOf('strict').replace('min: "1.2"', 'min: "1.3"').replace('max: "1.3"', 'max: "1.2"')),
    ).toEqual([
      expect.stringMatching(
        /: tls\.min: 1\.3 is newer than tls\.max 1\.2, so no version would be left; exchange them$/,
      ),
    ]);
  });
});
