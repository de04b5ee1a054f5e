import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleInput } from '../../fixtures/sample-input.ts';
import { AnswerFile } from './answer-file.ts';
import { composeData } from './compose-data.ts';
import { lookupSite } from './site.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-lookup-files-'));
  await lookupSite.write(sampleInput(folder, { samples: true }), folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (...path: readonly string[]) => readFile(join(folder, 'lookup', ...path), 'utf8');

test('each device has a file for ticket systems that follows the schema', async () => {
  const files = (await readdir(join(folder, 'lookup', 'data', 'devices'))).filter((f) => f.endsWith('.json'));
  expect(files).toHaveLength(sampleInput(folder).devices.length);
  for (const file of files) AnswerFile.parse(JSON.parse(await read('data', 'devices', file)));
});

test('the schema that lies beside the page is the one that is documented', async () => {
  const schema = JSON.parse(await read('answer.schema.json'));
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['v', 'asOf', 'device', 'answers', 'claims']));
  expect(schema.properties.answers.items.properties.transition.description).toMatch(/Not to be recommended after it/);
});

test('a ticket system gets the setting, the transition host with its end, and what to say', async () => {
  const scan = AnswerFile.parse(JSON.parse(await read('data', 'devices', 'mw-scan-300.json')));
  expect(scan.answers).toMatchObject([
    {
      direction: 'send',
      verdict: 'legacy-only',
      basis: 'measured',
      transition: { host: 'smtp-alt.mail.example', until: '2025-05-30', encrypted: true },
      text: { headline: { de: 'nur noch über den Übergangsserver' } },
    },
  ]);
  const camera = AnswerFile.parse(JSON.parse(await read('data', 'devices', 'mw-cam-7.json')));
  expect(camera.answers[0]?.enter).toMatchObject({ host: 'smtp.mail.example', port: 465, security: 'implicit' });
});

test('once the transition has ended, the file names its host no more', async () => {
  const later = await mkdtemp(join(tmpdir(), 'cutover-lookup-later-'));
  await lookupSite.write(sampleInput(later, { samples: true, asOf: new Date('2025-06-01') }), later);
  const text = await readFile(join(later, 'lookup', 'data', 'devices', 'mw-scan-300.json'), 'utf8');
  expect(text).not.toContain('smtp-alt');
  expect(AnswerFile.parse(JSON.parse(text)).answers[0]?.text.headline.de).toBe('keine E-Mails mehr über unsere Server');
  await rm(later, { recursive: true });
});

test('emulated devices stay out unless they are asked for, or nothing else is known', () => {
  const input = sampleInput(folder);
  expect(composeData(input).index.rows.map((r) => r.id)).toEqual(['aw-print-12']);
  expect(composeData({ ...input, samples: true }).index.rows).toHaveLength(input.devices.length);
  const alone = composeData({ ...input, devices: input.devices.filter((d) => d.id !== 'aw-print-12') });
  expect(alone.index.sample).toBe(true);
  expect(alone.index.rows).toHaveLength(input.devices.length - 1);
});

test('what only the lab needs does not leave it', async () => {
  for (const file of await readdir(join(folder, 'lookup', 'data', 'devices')))
    expect(await read('data', 'devices', file)).not.toMatch(/"(reach|client|truth|secretEnv|emulated":\{)/);
});

test('data that is a program cannot leave its text, whatever a device file holds', async () => {
  const [first] = sampleInput(folder).devices;
  const model = `'); alert(1); ('\\u2028</script><!--\u2028`;
  const out = await mkdtemp(join(tmpdir(), 'cutover-lookup-quotes-'));
  await lookupSite.write(sampleInput(out, { samples: true, devices: [{ ...first!, model }] }), out);
  const program = await readFile(join(out, 'lookup', 'data', 'devices', `${first!.id}.js`), 'utf8');
  expect(program).not.toContain('<');
  const { runInNewContext } = await import('node:vm');
  const got: unknown[] = [];
  runInNewContext(program, {
    JSON,
    cutoverDevice: (detail: unknown) => got.push(detail),
    alert: () => got.push('alert'),
  });
  expect(got).toMatchObject([{ device: { model } }]);
  await rm(out, { recursive: true });
});
