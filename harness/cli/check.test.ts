import { spawn } from 'node:child_process';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { renderSubmission } from '../check/open-test-host.ts';

/** Runs `cutover check serve` to its end; `live` may answer its lines. `node`: options of Node itself. */
function serve(
  args: readonly string[],
  live: (line: string, say: (order: string) => void) => void = () => {},
  node: readonly string[] = [],
) {
  const cli = join(import.meta.dirname, 'cutover.mjs');
  const child = spawn(process.execPath, [...node, cli, 'check', 'serve', ...args]);
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
    readonly live?: boolean;
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
      // While it is connected still, nothing is advised.
      if (event.outcome === 'works' && event.live === false) say('quit');
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

test('a whole call without the right to write a file: nothing of it is on disk, and the console stays a console', async () => {
  let code = '';
  const { lines, ...result } = await serve(
    ['--no-page', '--port-offset', '23500', '--ports', '465', '--ports', '587', '--language', 'en'],
    (line, say) => {
      if (line.includes('starttls')) say('open Case 8');
      const opened = /  ([A-Z0-9]{4}) ([A-Z0-9]{4})  valid until/.exec(line);
      if (opened !== null) {
        code = `${opened[1]}${opened[2]}`;
        const device = connectPlain({ host: '127.0.0.1', port: 24_087 }).on('error', () => {});
        device.resume().write('EHLO \u001b[2J\u001b]0;pwned\u0007\r\nQUIT\r\n');
      }
      if (line.includes('Unencrypted connection')) {
        const tls = connect({ host: '127.0.0.1', port: 23_965, rejectUnauthorized: false }).on('error', () => {});
        tls.resume().write(renderSubmission(code));
      }
      if (line.includes('Works: encrypted')) say('quit');
    },
    ['--permission', '--allow-fs-read=*'],
  );
  expect(result).toEqual({ code: 0, errors: '' });
  const told = lines.join('\n');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(told).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(told).toContain('pwned');
  expect(told).not.toContain('any password');
});
