import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runPlans } from '../campaign.ts';
import { concludeAll } from '../cli/conclusions.ts';
import { prepare } from '../cli/prepare.ts';
import { labOf } from '../cli/run-lab.ts';
import { readModes } from '../modes/read-mode.ts';
import { issueCertificate, type KeyPair } from '../pki/issue.ts';
import { openRunFolder } from '../records.ts';
import { openRig } from '../rig.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import { serveProviderChain } from './provider-chain.ts';

const DAY_MS = 86_400_000;
const now = new Date();
const days = (count: number) => new Date(now.getTime() + count * DAY_MS);
const folder = mkdtempSync(join(tmpdir(), 'cutover-chain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const modes = readModes(['today', 'strict', 'legacy', 'forgiving']);
const HOSTS = Object.values(modes[0]!.hosts);

const keys = { root: newKey(), between: newKey(), leaf: newKey() };
type Who = keyof typeof keys;
const NAMES: { readonly [W in Who]: string } = {
  root: 'Provider root',
  between: 'Provider intermediate',
  leaf: 'mail',
};
const root = issue('Provider root', 'root', 'root');
const between = issue('Provider intermediate', 'between', 'root');
const leaf = issue('mail', 'leaf', 'between', HOSTS);

function newKey(): KeyPair {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function issue(commonName: string, who: Who, by: Who, names: readonly string[] = [], notAfter = days(90)): string {
  return issueCertificate({
    commonName,
    key: keys[who],
    issuer: { commonName: NAMES[by], key: keys[by] },
    notBefore: days(-90),
    notAfter,
    hash: 'sha256',
    use: who === 'leaf' ? 'server' : 'authority',
    names,
  });
}

function stored(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const keyPem = (who: Who) => keys[who].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const key = stored('key.pem', keyPem('leaf'));
const chain = stored('chain.pem', leaf + between);
const options = { chain, key, now, roots: [root] };

describe('a chain that devices will meet', () => {
  test('is shown by every policy, and not by the control', () => {
    const served = serveProviderChain(modes, options);
    expect(served.warnings).toEqual([]);
    for (const mode of served.modes) {
      if (mode.purpose === 'policy') expect(mode.certificate).toEqual({ files: { chain, key } });
      else expect(mode.certificate).toHaveProperty('minted');
    }
  });

  test('may hold its root, too', () => {
    const whole = stored('whole.pem', leaf + between + root);
    expect(() => serveProviderChain(modes, { ...options, chain: whole })).not.toThrow();
  });

  test('a key that others can read is warned about', () => {
    const open = stored('open-key.pem', keyPem('leaf'));
    chmodSync(open, 0o644);
    expect(serveProviderChain(modes, { ...options, key: open }).warnings).toEqual([
      expect.stringContaining('chmod 600'),
    ]);
  });

  test.for([
    ['another key', { key: stored('other-key.pem', keyPem('between')) }, /key belongs to another certificate/],
    [
      'another host',
      { chain: stored('host.pem', issue('mail', 'leaf', 'between', ['mail.other.example']) + between) },
      /not for smtp\.variomedia\.de/,
    ],
    ['a name of another mode, where that is entered', { hosts: ['smtp-legacy.variomedia.de'] }, /not for smtp-legacy/],
    ['an expired one', { now: days(91) }, /valid from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, not today/],
    ['one of the future', { now: days(-91) }, /not today/],
    ['no intermediate', { chain: stored('short.pem', leaf) }, /leads to "CN=Provider intermediate"/],
    [
      'the wrong order',
      { chain: stored('order.pem', leaf + root + between) },
      /certificate 2 did not issue certificate 1/,
    ],
    ['a root of nobody', { roots: [] }, /no root that this program knows/],
    ['no file', { chain: join(folder, 'missing.pem') }, /cannot be read/],
  ] as const)('%s is refused with what to do', ([, more, message]) => {
    const serve = () => serveProviderChain(modes, { ...options, ...more });
    expect(serve).toThrow(message);
    expect(serve).toThrow(expect.objectContaining({ name: 'HarnessFault', exitCode: 78, advice: expect.any(String) }));
  });

  test('without roots of its own it asks those that devices have, so a throw-away authority is refused', () => {
    expect(() => serveProviderChain(modes, { chain, key, now })).toThrow(/no root that this program knows/);
  });
});

/** An emulated device that verifies with its factory's roots alone, asked in all modes. */
async function ask(served: readonly Mode[], factory: string | null) {
  const { plans } = await prepare({ device: ['emu-kleinrechner-box'] });
  const records: Record[] = [];
  const name = mkdtempSync(join(folder, 'run-'));
  using run = openRunFolder(name, 'chain');
  await using rig = await openRig({ modes: served, listen: '127.0.0.1' });
  const lab = labOf({ rig, fleet: null, missing: new Map() }, run, {
    signal: new AbortController().signal,
    onRecord: (record) => records.push(record),
    keepBodies: false,
    allowPrograms: false,
  });
  const { openContext } = lab;
  const roots = { ...openContext.roots, factory: factory ?? openContext.roots.factory };
  const asked = plans.map((plan) => ({ ...plan, modes: served.filter((m) => m.purpose === 'policy') }));
  await runPlans(asked, { ...lab, openContext: { ...openContext, roots } }, 1);
  return { ...concludeAll(records, served), records };
}

describe('a device that verifies', () => {
  test('gets no customer verdict from a certificate of the lab', async () => {
    const { verdicts, records } = await ask(modes, null);
    const questions = records.filter((r) => r.role === 'question');
    expect(questions).toHaveLength(3);
    for (const { outcome, because } of questions) {
      expect(outcome).toBe('inconclusive');
      expect(because.join(' ')).toContain('lab certificate');
    }
    expect(verdicts).toMatchObject([{ direction: 'send', verdict: 'unknown' }]);
  });

  test('works with the provider’s chain, where it knows its root', async () => {
    const { verdicts, records } = await ask(serveProviderChain(modes, options).modes, root);
    expect(verdicts).toMatchObject([{ verdict: 'works' }]);
    const shown = records
      .filter((r) => r.mode === 'today')
      .flatMap((r) => r.evidence.wire.connections.map((c) => c.certificate?.issuer));
    expect(shown.filter((issuer) => issuer !== undefined && !issuer.includes('Provider intermediate'))).toEqual([]);
  });

  test('fails with it where it does not, which is then its own failure', async () => {
    const { verdicts, records } = await ask(serveProviderChain(modes, options).modes, null);
    for (const record of records.filter((r) => r.role === 'question')) {
      expect(record).toMatchObject({ outcome: 'fails' });
      expect([record.cause, ...(record.candidates ?? [])]).toContain('certificate-untrusted');
    }
    // It leaves without a word, so name and dates look alike: three candidates give no verdict.
    expect(verdicts).toMatchObject([{ verdict: 'unknown', confidence: 'suspected' }]);
  });
});
