import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { buildImages } from '../containers/images.ts';
import { hasEngine } from '../containers/has-engine.ts';
import { packagedHellos } from '../replay/agreement-cases.ts';
import { helloId } from '../corpus/recorded-hello.ts';
import { showAgreement } from './agreement.ts';
import { readInstalledTestssl } from './installed-testssl.ts';

// Strict alone: all modes, and the other ports, are compared beside the replay.
describe.skipIf(!(await hasEngine('cutover agreement --replay containers')))('the agreement table', () => {
  const out = mkdtempSync(join(tmpdir(), 'cutover-agreement-'));
  afterAll(() => rmSync(out, { recursive: true }));

  test('replays every recording, and testssl.sh’s where it is installed, to Postfix and Dovecot', async () => {
    await buildImages(['postfix', 'dovecot']);
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
    const code = await showAgreement({ out, language: 'en', replay: 'containers', replayModes: ['strict'] });
    log.mockRestore();
    expect(code).toBe(0);
    const lines = printed.join('\n').split('\n');
    const table = (of: number) =>
      [465, 993, 995].map((port) => `  containers, strict, ${port}: ${of} of ${of}`).join('\n');
    const own = packagedHellos().length;
    const begin = lines.findIndex((line) => line.startsWith('Predictions and servers'));
    const listed = new Set((readInstalledTestssl()?.recordings ?? []).map(({ hello }) => helloId(hello))).size;
    expect(lines.slice(begin).join('\n')).toBe(
      [
        `Predictions and servers, packaged recordings: ${3 * own} of ${3 * own}\n${table(own)}`,
        ...(listed === 0
          ? []
          : [`Predictions and servers, recordings of testssl.sh: ${3 * listed} of ${3 * listed}\n${table(listed)}`]),
      ].join('\n'),
    );
  });
});
