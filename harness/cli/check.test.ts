import { spawn } from 'node:child_process';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { renderSubmission } from '../check/open-test-host.ts';

/** Runs `cutover check serve` to its end; `live` may answer its lines. */
function serve(args: readonly string[], live: (line: string, say: (order: string) => void) => void = () => {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'cutover.mjs'), 'check', 'serve', ...args]);
  let errors = '';
  const lines: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    live(line, (order) => child.stdin.write(`${order}\n`));
  });
  return new Promise<{ readonly code: number | null; readonly errors: string; readonly lines: readonly string[] }>(
    (resolve) => child.on('close', (code) => resolve({ code, errors, lines })),
  );
}

test('a public address needs its flag, the page never has one, and only strict modes are served', async () => {
  const refused = await Promise.all([
    serve(['--listen', '0.0.0.0']),
    serve(['--page-listen', '192.0.2.1']),
    serve(['--mode', 'legacy']),
    serve(['--mode', 'forgiving']),
  ]);
  expect(refused.map((r) => r.code)).toEqual([64, 64, 64, 64]);
  expect(refused[0].errors).toContain('add --public');
  expect(refused[2].errors).toContain('strict only');
});

test('on the console: a code, what the device did, and what to read aloud', async () => {
  interface Told {
    readonly event: string;
    readonly code?: string;
    readonly outcome?: string;
    readonly words?: { readonly aloud: readonly string[]; readonly enter: readonly string[] };
  }
  const told: Told[] = [];
  const result = await serve(
    ['--json', '--no-page', '--port-offset', '23000', '--ports', '465', '--language', 'en'],
    (line, say) => {
      const event: Told = JSON.parse(line);
      told.push(event);
      if (event.event === 'listening') say('open Case 7');
      if (event.event === 'opened') {
        const tls = connect({ host: '127.0.0.1', port: 23_465, rejectUnauthorized: false }).on('error', () => {});
        tls.resume().write(renderSubmission(event.code ?? ''));
      }
      if (event.outcome === 'works') say('quit');
    },
  );
  expect(result).toMatchObject({ code: 0, errors: '' });
  const last = told.findLast((t) => t.event === 'attempt')!;
  expect(last.words!.enter).toEqual([
    'Outgoing mail server (SMTP): smtp.variomedia.de',
    'Port: 465',
    'Encryption: SSL/TLS (on the device often just “SSL”)',
  ]);
  expect(last.words!.aloud[0]).toContain('encrypts');
});
