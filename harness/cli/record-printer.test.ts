import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { missingStacks, openTestLab } from '../../devices/emulated/open-test-lab.ts';
import { stackPath } from '../../devices/emulated/stack-path.ts';
import { openFileSource } from '../corpus/import/byte-source.ts';
import { canRecord, startRecorder } from '../corpus/import/open-test-recorder.ts';
import { readCapture } from '../corpus/import/read-capture.ts';
import { readDevices } from '../device-files.ts';
import { PORTS, type Port } from '../vocabulary/trial.ts';
import { runCommandLine } from './main.ts';

const EMULATED = join(import.meta.dirname, '../../devices/emulated');
const GUIDE = readFileSync(`${import.meta.dirname}/../corpus/import/README.md`, 'utf8');
/** What the guide tells to type, and what it shows below. */
interface Shown {
  readonly words: readonly string[];
  readonly output: readonly string[];
}
const RECORD = findShown('sudo tcpdump');
const IMPORT = findShown('npx cutover corpus import');
const ANSWER = findShown('npx cutover whatif');

function findShown(begin: string): Shown {
  const shown = GUIDE.split('\n```').find((block) => block.includes(`$ ${begin} `)) ?? '';
  const [command = '', ...output] = shown.slice(shown.indexOf(`$ ${begin} `) + 2).split('\n');
  const end = output.findIndex((line) => line.startsWith('$ '));
  return { words: wordsOf(command), output: end < 0 ? output : output.slice(0, end) };
}

/** As a shell takes a line apart that has no quotes but single ones. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const missing = missingStacks();
if (missing !== null) console.log(`skipped: recording a printer, because ${missing}`);
// Where tests run for everybody nothing may be left out.
const isPossible = missing === null && (await canRecord('recording a printer', ['tcpdump']));
const isSkipped = !isPossible && process.env['CI'] === undefined;

describe.skipIf(isSkipped)('the guide leads from a device of which nothing is known to its answer', () => {
  let lab: Awaited<ReturnType<typeof openTestLab>>;
  let folder: string;
  const printed: string[] = [];
  beforeAll(async () => {
    lab = await openTestLab('today');
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-printer-'));
    printed.length = 0;
    vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(...line.split('\n')));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
    process.exitCode = 0;
  });

  const boundTo = (port: Port) => lab.server.address(port).port;
  const meanings = () => PORTS.flatMap((port) => ['--port', `${boundTo(port)}=${port}`]);

  /** tcpdump as the guide starts it, while the device is told to do its work; on the ports that were free here. */
  async function record(id: string, capture: string): Promise<void> {
    const bound = new Map(PORTS.map((port) => [String(port), boundTo(port)]));
    const [sudo, program, ...rest] = RECORD.words;
    expect([sudo, program]).toEqual(['sudo', 'tcpdump']);
    const args = rest.map((word) =>
      word
        .replaceAll(/\b\d+\b/g, (number) => String(bound.get(number) ?? number))
        .replace('192.168.0.50', '127.0.0.1')
        .replace('printer.pcap', capture),
    );
    await using recorder = await startRecorder('tcpdump', args);
    await pressSend(id);
    await expect.poll(() => hellosIn(capture), { timeout: 20_000 }).toBeGreaterThan(0);
    expect(await recorder.stop()).toMatchObject({ code: 0 });
  }

  /** The old stack inside the device, told what its console would tell it. */
  async function pressSend(id: string): Promise<void> {
    const device = readDevices(EMULATED).find((one) => one.id === id)!;
    const [{ emulated }, setting] = [device.firmware[0]!, device.settings[0]!];
    const stack = stackPath(emulated!.stack);
    if ('reason' in stack) throw new Error(stack.reason);
    const { user, password, address } = lab.account;
    const mail = { user, password, from: address, to: address, marker: 'cutover-1', sizeBytes: 1_000 };
    const server = { host: 'smtp.example', resolve: '127.0.0.1', port: boundTo(setting.port), roots: [] };
    const { protocol, security } = setting;
    const job = { protocol, security, ...server, ...mail, firmware: emulated };
    const program = join(EMULATED, 'mail-client.cjs');
    const client = spawn(stack.path, [program], { env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
    client.stdin.write(`${JSON.stringify(job)}\n`);
    expect(JSON.parse(await text(client.stdout))).toHaveProperty('stage');
  }

  function hellosIn(capture: string): number {
    let hellos = 0;
    using source = openFileSource(capture);
    readCapture(source, () => hellos++, { ports: new Map(PORTS.map((port) => [boundTo(port), port])) });
    return hellos;
  }

  /** A command of the guide, on this capture and this corpus. Returns what it printed, as the guide would show it. */
  async function type({ words }: Shown, capture: string, more: readonly string[] = []): Promise<readonly string[]> {
    const [npx, cutover, ...args] = words;
    expect([npx, cutover]).toEqual(['npx', 'cutover']);
    const corpus = join(folder, 'corpus');
    await runCommandLine([...args.map((word) => word.replace('printer.pcap', capture)), ...more, '--corpus', corpus]);
    expect(process.exitCode ?? 0).toBe(0);
    return printed.splice(0).map((line) => line.replace(capture, 'printer.pcap').replace(corpus, 'out/corpus'));
  }

  /** Acknowledgements come as the machine likes. */
  const withoutCounts = (lines: readonly string[]) => lines.map((line) => line.replaceAll(/\d+ packets/g, 'N packets'));

  test('word for word', async () => {
    const capture = join(folder, 'printer.pcap');
    await record('emu-druckwerk-mfp', capture);
    expect(withoutCounts(await type(IMPORT, capture, meanings()))).toEqual(withoutCounts(IMPORT.output));
    expect(await type(ANSWER, capture)).toEqual(ANSWER.output);
  });

  // As each is built, whatever this project's own recordings say: RC4 alone, and nobody knows from a capture whether it
  // would go on without TLS; OpenSSL 1.0.2; told to speak TLS 1.0 and nothing else; OpenSSL 1.0.1.
  test.for([
    ['emu-notstrom-ups', 'starttls-587', '?', 'no-shared-cipher'],
    ['emu-wegweiser-router', 'starttls-587', 'works*, 1.2', 'works*, 1.2'],
    ['emu-wegweiser-alt', 'starttls-110', 'works*, 1.0', 'version-too-old'],
    ['emu-speicherinsel-post', 'implicit-993', 'works*, 1.2', 'works*, 1.2'],
  ] as const)('and so for %s, %s: %s, %s', async ([id, setting, today, strict]) => {
    const capture = join(folder, 'printer.pcap');
    await record(id, capture);
    await type(IMPORT, capture, meanings());
    const row = (await type(ANSWER, capture)).find((line) => line.startsWith('printer-2nd-floor@')) ?? '';
    expect(row.split(/ {2,}/)).toEqual([`printer-2nd-floor@unknown/${setting}`, today, strict]);
  });
});
