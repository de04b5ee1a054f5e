/* oxlint-disable typescript/no-unsafe-type-assertion -- answers of the page under test, and parts of a played world */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Answer, AttendedDevice, AttendView } from '../../vocabulary/attend.ts';
import { showAttended } from './console.ts';
import { parseConsoleLine } from './console-line.ts';

const devices = [{ id: 'printer' }, { id: 'camera' }];

test.each<[string, Answer]>([
  ['2', { kind: 'take', device: 'camera', by: 'console' }],
  [' 1 p ', { kind: 'pressed', device: 'printer' }],
  ['1 failed E 17  b', { kind: 'shows', device: 'printer', said: 'failed', code: 'E 17 b' }],
  ['1 sent', { kind: 'shows', device: 'printer', said: 'sent', code: '' }],
  ['2 none', { kind: 'setting-not-found', device: 'camera' }],
  ['2 skip', { kind: 'skip', device: 'camera' }],
  ['2 again', { kind: 'again', device: 'camera' }],
  ['2 is s3', { kind: 'claim', device: 'camera', stranger: 's3' }],
  ['end', { kind: 'finish' }],
])('"%s"', (text, answer) => {
  expect(parseConsoleLine(text, devices)).toEqual({ kind: 'answer', answer });
});

test.each(['3 p', '0', 'p 1', '1 explode', '99999999999'])('"%s" is told to be wrong', (text) => {
  expect(parseConsoleLine(text, devices).kind).toBe('wrong');
});

const printer: AttendedDevice = {
  id: 'printer',
  name: 'Acme \u001b[31mP1',
  kind: 'printer',
  note: 'Room 2',
  state: 'entering',
  rivals: [],
  configured: [],
  press: 1,
  prompt: {
    reason: 'first',
    direction: 'send',
    menu: { de: 'Menü', en: 'Network → Mail' },
    entries: [
      { name: 'host', value: '192.168.0.10' },
      { name: 'security', value: 'implicit', words: { de: 'SSL', en: 'SSL' } },
    ],
    setting: { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' },
  },
  waitsUntil: null,
  by: 'console',
  results: [],
  verdicts: [],
  photos: [],
};

test('the console tells what to enter and what came of it, and hands on what is typed', async () => {
  const lines: string[] = [];
  const answers: Answer[] = [];
  let listener = () => {};
  let device = printer;
  const seen = { address: '10.0.0.7', ehlo: null, offered: null, port: 587, at: '2026-01-02T10:00:05.000Z' };
  let strangers: AttendView['strangers'] = [];
  const view = () => ({ devices: [device], strangers }) as unknown as AttendView;
  const input = new PassThrough();
  // oxlint-disable-next-line no-underscore-dangle -- only closed at the end
  using _shown = await showAttended(
    {
      desk: {
        view,
        answer: (answer: Answer) => answers.push(answer) > 0,
        onChange: (l: () => void) => {
          listener = l;
          return () => {};
        },
      } as never,
      page: null,
      door: { address: '192.168.0.10', portOf: (port: number) => port + 10_000 } as never,
    },
    { console: true, input, print: (line) => lines.push(line) },
  );
  expect(lines.join('\n')).toMatch(/ports 587 → 10587, 25 → 10025/);
  expect(lines.join('\n')).toMatch(/1 {2}Acme .*P1 \[Room 2\]: entering\n +Network → Mail\n +host +192\.168\.0\.10\n/);
  expect(lines.join('\n')).toContain('implicit (on the device: SSL)');
  expect(lines.join('\n')).not.toContain('\u001b');
  lines.length = 0;
  device = { ...printer, state: 'stuck', problem: 'nothing-came' };
  listener();
  expect(lines.join('\n')).toContain('stuck, nothing-came');
  lines.length = 0;
  strangers = [
    { ...seen, id: 's1', mayBe: ['printer'] },
    { ...seen, id: 's2', mayBe: [] },
  ];
  listener();
  expect(lines).toEqual([
    'Which device has this address? s1 from 10.0.0.7, port 587, no name, at 10:00:05 UTC. Type 1 is s1',
    'New device seen: s2 from 10.0.0.7, port 587, no name. If it is number 3: 3 is s2',
  ]);
  input.write('1 p\n');
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual([{ kind: 'pressed', device: 'printer' }]);
});

test('what a device needs before its first press is told: names that lead here, and the root', async () => {
  const lines: string[] = [];
  const needy = { ...printer, prompt: { ...printer.prompt!, prepare: ['names', 'run-ca'] } };
  // oxlint-disable-next-line no-underscore-dangle -- only closed at the end
  using _shown = await showAttended(
    {
      desk: { view: () => ({ devices: [needy], strangers: [] }), onChange: () => () => {} } as never,
      page: null,
      door: { address: '192.168.0.10', portOf: (port: number) => port } as never,
    },
    {
      console: true,
      input: new PassThrough(),
      print: (line) => lines.push(line),
      led: {
        hosts: ['smtp.provider.example'],
        address: '192.168.0.10',
        nameServer: { host: '192.168.0.10', port: 53 },
      },
      root: { der: 'out/run-ca.crt', pem: 'out/run-ca.pem' },
      language: 'en',
    },
  );
  const told = lines.join('\n');
  expect(told).toContain('Devices are told smtp.provider.example. Name server: 192.168.0.10 port 53.');
  expect(told).toMatch(/Enter 192\.168\.0\.10 as the first DNS server/);
  expect(told).toMatch(/root: out\/run-ca\.crt \(DER\) or out\/run-ca\.pem \(PEM\)/);
  expect(told).toMatch(/before: lead the host name here[^\n]*\n +before: give it this run's root[^\n]*delete it/);
});
