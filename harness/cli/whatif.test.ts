import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { readModes } from '../modes/read-mode.ts';
import { runCommandLine } from './main.ts';
import { changeMode } from './parse-change.ts';

/** What is looked at of `whatif --json`. */
const Predicted = z.array(z.looseObject({ client: z.string(), basis: z.string(), after: z.looseObject({}) }));

let own: string;
const printed: string[] = [];
beforeEach(() => {
  own = mkdtempSync(join(tmpdir(), 'cutover-whatif-'));
  printed.length = 0;
  process.exitCode = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(own, { recursive: true });
  process.exitCode = 0;
});

async function cutover(...args: readonly string[]): Promise<{ readonly code: unknown; readonly text: string }> {
  printed.length = 0;
  await runCommandLine([...args, '--corpus', own]);
  return { code: process.exitCode, text: printed.join('\n') };
}

describe('whatif', () => {
  test('says who is lost, by cause, and that it is predicted', async () => {
    const { code, text } = await cutover('whatif', '--mode', 'strict', '--change', 'tls.min=1.3');
    expect(code).toBe(0);
    expect(text).toMatch(/^predicted, not measured: strict tls\.min=1\.3 instead of strict/);
    expect(text).toMatch(/LOST: [1-9]\d*\n {2}version-too-old: /);
    // Built on Node 10 (OpenSSL 1.1.1) and newer stacks that have TLS 1.3 keep working.
    expect(text).toMatch(/WORKS WITH BOTH: [1-9]/);
    expect(text).toMatch(/CANNOT BE PREDICTED: [1-9]\d*\n(?: {2}.*\n)* {2}.*mail-lost/);
  });

  test('a looser mode only gains', async () => {
    const { text } = await cutover('whatif', '--mode', 'strict', '--against', 'strict', '--change', 'tls.min=1.0');
    expect(text).toContain('LOST: 0\n');
    expect(text).toMatch(/GAINED: [1-9]\d*\n {2}version-too-old: /);
  });

  test('the engine matters: SHA-1 by silence passes Postfix and no other', async () => {
    const outcome = async (engine: string) => {
      const args = ['--mode', 'strict', '--device', 'lab-busybox', '--engine', engine, '--json'];
      const clients = Predicted.parse(JSON.parse((await cutover('whatif', ...args)).text));
      expect(clients.every(({ basis }) => basis === 'predicted')).toBe(true);
      return clients.find(({ client }) => client.startsWith('lab-busybox@1.35/implicit-465'))?.after;
    };
    expect(await outcome('embedded')).toMatchObject({ outcome: 'fails', cause: 'no-shared-signature' });
    expect(await outcome('containers')).toMatchObject({ outcome: 'works' });
  });

  test('several modes are a matrix', async () => {
    const { text } = await cutover('whatif', '--mode', 'strict', 'legacy', '--device', 'emu-fernruf-pbx');
    const [, head, row] = text.split('\n');
    expect(head).toMatch(/^ +strict +legacy/);
    expect(row).toMatch(/^emu-fernruf-pbx@1\.0\/starttls-587\/submit +works, 1\.2 +works, 1\.2$/);
    const json = await cutover('whatif', '--mode', 'strict', 'legacy', '--json');
    expect(JSON.parse(json.text)).toContainEqual(
      expect.objectContaining({ modes: [expect.objectContaining({ mode: 'strict' }), expect.anything()] }),
    );
  });

  test('a matrix of changed modes says what was changed, and what its signs mean', async () => {
    const { text } = await cutover('whatif', '--mode', 'strict', 'today', '--change', 'tls.min=1.3');
    expect(text).toMatch(/^predicted, not measured; servers embedded, each with tls\.min=1\.3\n/);
    expect(text).toMatch(/ {2}\?/);
    expect(text).toMatch(/\n\?: cannot be predicted; --json says why$/);
    const json = await cutover('whatif', '--mode', 'strict', 'today', '--change', 'tls.min=1.3', '--json');
    expect(json.text).toContain('"mode": "today tls.min=1.3"');
  });

  test('who may go on in the clear today, and is stopped by its hello tomorrow, counts as lost', async () => {
    const { text } = await cutover('whatif', '--mode', 'strict');
    // With suites that nobody has any more; its file says that it then sends without encryption.
    const lost = text.slice(text.indexOf('LOST:'), text.indexOf('GAINED:'));
    expect(lost).toMatch(/\n {4}emu-druckwerk-scan@.*\(Not known before: It may go on in the clear/);
  });

  test('what the mode allows and the engine cannot speak is neither lost nor gained', async () => {
    const only = ['--change', 'suites=TLS_RSA_WITH_3DES_EDE_CBC_SHA', '--device', 'emu-notstrom-classic'];
    const { text } = await cutover('whatif', '--mode', 'today', ...only);
    expect(text).toMatch(/LOST: 0\n[^]*CANNOT BE PREDICTED: 1\n/);
  });

  test.each([
    [['--mode', 'strict', '--device', 'nobody'], 64, /no-recordings|No recorded hello/],
    [['--mode', 'strict', '--change', 'tls.mi=1.3'], 78, /no key "mi"/],
    [['--mode', 'strict', '--change', 'rubbish'], 64, /names no key and value/],
    [['--mode', 'strict', '--change', 'suites-=TLS_SRP_*'], 64, /nothing of that/],
    [['--mode', 'nothing'], 64, /no mode "nothing"/],
    [['--mode', 'strict', 'legacy', '--against', 'today'], 64, /--mode names several/],
  ])('%j is told in a sentence', async (args, code, message) => {
    const told = await cutover('whatif', ...args);
    expect(told.code).toBe(code);
    expect(told.text).toMatch(message);
  });
});

describe('a change of a mode', () => {
  const strict = readModes(['strict'])[0]!;

  test('of a value, of a whole list, by less and by more', () => {
    expect(changeMode(strict, ['tls.min=1.3']).tls.min).toBe('1.3');
    expect(changeMode(strict, ['groups=x25519,secp256r1']).groups).toEqual(['x25519', 'secp256r1']);
    const without = changeMode(strict, ['suites-=TLS_RSA_*,*_CBC_*']).suites;
    expect(without.length).toBeGreaterThan(0);
    expect(strict.suites.filter((name) => !without.includes(name))).toEqual(
      strict.suites.filter((name) => name.startsWith('TLS_RSA_') || name.includes('_CBC_')),
    );
    expect(changeMode(strict, ['groups+=secp256k1']).groups).toEqual([...strict.groups, 'secp256k1']);
    const both = changeMode(strict, ['tls.max=1.2', 'certificate.minted=ecdsa-p256']);
    expect(both).toMatchObject({ tls: { max: '1.2' }, certificate: { minted: 'ecdsa-p256' } });
  });
});

describe('corpus', () => {
  test('list --json is an array of every hello with who says it', async () => {
    const entries = z.array(z.looseObject({})).parse(JSON.parse((await cutover('corpus', 'list', '--json')).text));
    expect(entries.length).toBeGreaterThan(40);
    expect(entries).toContainEqual(
      expect.objectContaining({ seen: expect.arrayContaining([expect.objectContaining({ device: 'lab-busybox' })]) }),
    );
  });

  test('show explains the hellos of a device', async () => {
    const { text } = await cutover('corpus', 'show', 'lab-busybox@1.35');
    expect(text).toContain('It speaks TLS 1.2 at most (new enough)');
    expect(text).toContain('which means SHA-1');
    expect(text).toMatch(/strict on containers, submit: works/);
  });

  test('what is not there is told, and the packaged recordings are not removed', async () => {
    expect(await cutover('corpus', 'show', 'nobody')).toMatchObject({ code: 64 });
    const told = await cutover('corpus', 'remove', 'lab-busybox');
    expect(told.code).toBe(64);
    expect(told.text).toContain('no recording "lab-busybox" in');
  });
});
