import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderConfusion } from '../../reports/matrix/confusion.ts';
import { expectationOf, renderAnswer, truthOf } from '../../reports/matrix/expectation.ts';
import { hasEngine } from '../containers/has-engine.ts';
import { buildImages } from '../containers/images.ts';
import { conclude } from '../conclude.ts';
import { planCounterTests } from '../judging/counter-tests.ts';
import { readRuns, type StoredRun } from '../records.ts';
import type { Record } from '../vocabulary/record.ts';
import { parsePcapng } from '../wire/pcapng-reader.ts';
import { readWithTshark } from '../wire/tshark-oracle.ts';
import { type Conclusions, concludeRuns } from './conclusions.ts';
import { cutover } from './start-cutover.ts';

/** Both fleets, once an engine, through the command line as a user starts it; every test looks at what it left. */
const RUN_TIMEOUT_MS = 600_000;
const hasContainers = await hasEngine('devices and servers in containers');

describe.for(hasContainers ? (['embedded', 'containers'] as const) : (['embedded'] as const))('engine %s', (engine) => {
  const out = mkdtempSync(join(tmpdir(), 'cutover-fleet-'));
  let ended: { readonly code: number; readonly stdout: string; readonly stderr: string };
  let run: StoredRun;
  let concluded: Conclusions;
  let questions: readonly Record[];

  beforeAll(async () => {
    if (hasContainers) await buildImages([]);
    ended = await cutover(['run', '--engine', engine, '--no-html', '--out', out]);
    const [only] = readRuns(out);
    if (only === undefined) throw new Error(`no run was left: ${ended.stderr}`);
    run = only;
    concluded = concludeRuns([run]);
    questions = concluded.records.filter((r) => r.role === 'question' && r.asConfigured);
  }, RUN_TIMEOUT_MS);
  afterAll(() => rmSync(out, { recursive: true }));

  describe('a run of the fleet', () => {
    test('ends as expected, with a line for every device', () => {
      expect(ended.stderr).not.toMatch(/differs:/);
      expect(ended.code).toBe(0);
      const fleets = Map.groupBy(run.devices, (d) => d.id.split('-')[0]);
      expect(fleets.get('emu')?.length).toBeGreaterThanOrEqual(26);
      if (hasContainers) expect(fleets.get('lab')?.length).toBeGreaterThanOrEqual(16);
      for (const { id } of run.devices) expect(ended.stdout).toContain(id);
    });

    test('every device has the verdict and the cause of its truth', () => {
      const found = concluded.verdicts.map((v) => `${v.device} ${renderAnswer(v.direction, v.verdict, v.causes[0])}`);
      const built = run.devices.flatMap((device) => truthOf(device, engine).map((answer) => `${device.id} ${answer}`));
      expect(found.sort()).toEqual(built.sort());
    });

    test('the confusion matrix is diagonal', () => {
      const confusion = renderConfusion(concluded.records, run.devices);
      expect(confusion.off).toEqual([]);
      expect(confusion.compared).toBe(questions.length);
      expect(new Set(questions.map((r) => r.cause)).size).toBeGreaterThanOrEqual(14);
    });

    test('counter-tests confirm every cause that one key of a mode can undo', () => {
      const rows = questions.flatMap((question) => {
        const mode = run.run.modes.find((m) => m.id === question.mode);
        const device = run.devices.find((d) => d.id === question.device.id);
        const raw = run.records.find((r) => r.trial === question.trial);
        if (mode === undefined || device === undefined || raw === undefined) throw new Error(question.trial);
        const changes = planCounterTests(raw, mode);
        if (changes.length === 0) return [];
        // The repetition on the embedded engine changes nothing.
        const counterTests = run.records.filter((r) => r.of === question.trial && r.change !== undefined);
        const isBehind = (expectationOf(device, question)?.behind ?? []).length > 0;
        const isSpoken = counterTests.some((r) => r.cause !== 'not-testable');
        return [{ trial: question.trial, isBehind, isSpoken, passed: counterTests.some((r) => r.outcome === 'works') }];
      });
      const possible = rows.filter((r) => !r.isBehind && r.isSpoken);
      expect(possible.filter((r) => !r.passed)).toEqual([]);
      expect(possible.length).toBeGreaterThan(30);
      // The rest: a second obstacle behind the first, or something no OpenSSL of today speaks (SSLv3, RC4).
      expect(rows.length - possible.length).toBeLessThan(possible.length);
    });

    test('scrambled ids, vendors and models change no finding', () => {
      const scramble = (text: string) => text.split('').toReversed().join('');
      const device = (r: Record) => ({
        ...r.device,
        id: scramble(r.device.id),
        vendor: 'X',
        model: scramble(r.device.model),
      });
      for (const own of Map.groupBy(run.records, (r) => r.device.id).values()) {
        const renamed = own.map((r) => ({ ...r, device: device(r) }));
        expect([...conclude(renamed, run.run.modes).findings]).toEqual([...conclude(own, run.run.modes).findings]);
      }
    });
  });

  describe('judging again', () => {
    test('reproduces every finding, from facts and from bytes', async () => {
      const facts = await cutover(['judge', out, '--confusion']);
      expect(facts.stdout).toContain(`${run.records.length} of ${run.records.length} findings are the same`);
      expect(facts.stdout).toContain('Diagonal');
      expect(facts.code).toBe(0);
      const bytes = await cutover(['judge', out, '--from-bytes']);
      expect(bytes.stdout).toContain(`${run.records.length} of ${run.records.length} findings are the same`);
      expect(bytes.code).toBe(0);
    });

    test('reports come again from the records alone', async () => {
      const before = readFileSync(join(out, 'matrix.csv'), 'utf8');
      rmSync(join(out, 'matrix.csv'));
      rmSync(join(out, 'faq'), { recursive: true });
      const again = await cutover(['report', out, '--no-html']);
      expect(again.code).toBe(0);
      expect(readFileSync(join(out, 'matrix.csv'), 'utf8')).toBe(before);
      expect(existsSync(join(out, 'faq', 'faq.de.html'))).toBe(true);
    });
  });

  describe('independent readers of the captures', () => {
    test('tshark agrees on versions, suites and alerts', () => {
      const streams = groupByPorts(captureFiles()).flatMap((files, i) => {
        const merged = join(out, `fleet-${i}.pcapng`);
        execFileSync('mergecap', ['-w', merged, ...files], { stdio: 'ignore' });
        return readWithTshark(merged);
      });
      const theirs = streams.map(({ client, answer, alerts }) => ({
        // The SSLv2 format is another dissector's; its suites have no field in common.
        hello:
          client.suites.length === 0 ? null : { version: client.version, ja3Hash: client.ja3Hash, sni: client.sni },
        answer,
        alerts,
      }));
      const ours = run.records
        .flatMap((r) => r.evidence.wire.connections.filter((c) => !c.late))
        .map(({ hello, serverHello, alerts, helloBeforeStarttls }) => ({
          // On a port that starts in the clear tshark takes a hello for SMTP.
          hello:
            hello === null || hello.format === 'sslv2' || helloBeforeStarttls
              ? null
              : { version: hello.helloVersion, ja3Hash: hello.ja3Hash, sni: hello.sni },
          answer: serverHello === null ? null : { version: serverHello.version, suite: serverHello.suite },
          alerts: alerts.flatMap(({ number }) => (number === null ? [] : [number])),
        }));
      const sorted = (rows: readonly unknown[]) => rows.map((r) => JSON.stringify(r)).sort();
      expect(sorted(ours)).toEqual(sorted(theirs));
      expect(ours.length).toBeGreaterThan(200);
    });

    test('JA3 and JA4 agree with another library', async () => {
      const seen = new Map<string, { readonly ours: unknown; readonly theirs: unknown }>();
      for (const record of run.records) {
        const file = record.attachments.find((a) => a.name === 'wire.pcapng');
        const captures = file === undefined ? [] : parsePcapng(readFileSync(join(run.path, file.path)));
        for (const [i, capture] of captures.entries()) {
          const hello = record.evidence.wire.connections[i]?.hello;
          // The library reads no hello without extensions, and writes "13" for SSLv3 where JA4 has "s3"; tshark vouches
          // for those.
          if (hello === undefined || hello === null || hello.extensions.length === 0) continue;
          if (hello.maxVersion === 'SSLv3') continue;
          const sent = Buffer.concat(
            capture.events.flatMap((e) => (e.kind === 'data' && e.from === 'client' ? [e.bytes] : [])),
          );
          const stream = new PassThrough();
          stream.write(sent.subarray(sent.indexOf(Buffer.from([0x16, 3]))));
          const theirs = await readTlsClientHello(stream);
          seen.set(`${hello.ja3} ${hello.ja4}`, {
            ours: [hello.ja3Hash, hello.ja4],
            theirs: [calculateJa3(theirs), asSpecified(calculateJa4(theirs))],
          });
        }
      }
      expect([...seen.values()].map((s) => s.ours)).toEqual([...seen.values()].map((s) => s.theirs));
      // Every stack of the fleet shows a fingerprint of its own.
      expect(seen.size).toBeGreaterThan(12);
    });
  });

  function captureFiles(): readonly string[] {
    return readdirSync(run.path, { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('wire.pcapng'))
      .map((f) => join(run.path, f));
  }
});

/** JA4 writes zeros where no extension is left to hash (SNI and ALPN are not); the library hashes the empty text. */
function asSpecified(ja4: string): string {
  return ja4.replace(/_e3b0c44298fc$/, '_000000000000');
}

/** Files that share no client port stand together: of two connections between the same ends tshark makes one stream. */
function groupByPorts(files: readonly string[]): readonly (readonly string[])[] {
  const groups: { readonly ports: Set<string>; readonly files: string[] }[] = [];
  for (const file of files) {
    const ports = parsePcapng(readFileSync(file)).map(({ client }) => JSON.stringify(client));
    let group = groups.find((g) => ports.every((port) => !g.ports.has(port)));
    if (group === undefined) groups.push((group = { ports: new Set(), files: [] }));
    for (const port of ports) group.ports.add(port);
    group.files.push(file);
  }
  return groups.map((g) => g.files);
}
