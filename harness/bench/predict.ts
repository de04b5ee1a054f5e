import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as z from 'zod';
import { readInstalledTestssl } from '../cli/installed-testssl.ts';
import { offerOf } from '../corpus/offer.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { readModes } from '../modes/read-mode.ts';
import { preparePrediction } from '../predict/predict-hello.ts';
import type { Offer } from '../predict/server-rules.ts';
import { mutatedHellos, packagedHellos } from '../replay/agreement-cases.ts';
import { planFlight } from '../replay/render-flight.ts';
import { inParallel } from '../replay/replay-all.ts';
import { replayHello } from '../replay/replay-hello.ts';
import { rulesOf } from '../replay/rules-of.ts';
import { ENDPOINTS, type Endpoint, PORTS } from '../vocabulary/trial.ts';
import type { Figure } from './bench.ts';

const SERVERS = join(import.meta.dirname, 'replay-servers.ts');
/** How many hellos go to each of 14 endpoints; fewer for a quick look. */
const HELLOS = Number(process.env['CUTOVER_BENCH_HELLOS'] ?? 10_000);
const SECONDS = 5;

/** Predictions a second, and replays against what the same server can do and against another tool. */
export async function benchPredict(): Promise<readonly Figure[]> {
  const hellos = mutatedHellos(HELLOS, 1);
  const figures = [...measurePredictions(hellos.map(offerOf))];
  await using servers = await startServers(['strict', 'today']);
  figures.push(...(await measureAgainstLoad(servers)));
  figures.push(...(await measureAgainstTestssl(servers)));
  figures.push(...(await measureMany(hellos, servers)));
  return figures;
}

function measurePredictions(offers: readonly Offer[]): readonly Figure[] {
  const modes = readModes(['today', 'strict', 'legacy']);
  const predictions = modes.map((mode) => preparePrediction(rulesOf('embedded', 'smtp', mode)));
  // Time of the processor: how much of it this process gets says nothing about the rules.
  const time = (rounds: number) => {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      for (const predict of predictions) for (const offer of offers) predict(offer);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  time(1);
  const [few, many] = [time(2), time(20)];
  const count = 20 * predictions.length * offers.length;
  return [
    { name: 'predictions a second on one core', value: count / (many / 1000), unit: '1/s', limit: { atLeast: 50_000 } },
    { name: 'ten times the predictions: time', value: many / few, unit: '×', limit: { atMost: 11 } },
  ];
}

interface Servers extends AsyncDisposable {
  readonly endpoints: readonly { readonly mode: string; readonly endpoint: Endpoint; readonly bound: number }[];
}

const Bound = z.array(
  z.strictObject({
    mode: z.string(),
    ports: z.array(z.strictObject({ port: z.literal(PORTS), bound: z.int() })),
  }),
);

async function startServers(modes: readonly string[]): Promise<Servers> {
  const child = spawn(process.execPath, [SERVERS, ...modes], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const endpoints = Bound.parse(JSON.parse(String(line))).flatMap(({ mode, ports }) =>
    ports.flatMap(({ port, bound }) => {
      const endpoint = ENDPOINTS.find((e) => e.port === port);
      return endpoint === undefined ? [] : [{ mode, endpoint, bound }];
    }),
  );
  return { endpoints, [Symbol.asyncDispose]: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

function endpointOf({ endpoints }: Servers, port: number) {
  return endpoints.find((e) => e.mode === 'strict' && e.endpoint.port === port) ?? fail();
}

/** `openssl s_time`, twice at the same time so that no core is idle, and replays of a hello of OpenSSL, in turn. */
async function measureAgainstLoad(servers: Servers): Promise<readonly Figure[]> {
  const { endpoint, bound } = endpointOf(servers, 465);
  const hello = packagedHellos().find((h) => offerOf(h).hello.maxVersion === '1.3') ?? fail();
  const load: number[] = [];
  const replay: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- both have the machine for themselves
    load.push((await Promise.all([loadOf(bound), loadOf(bound)])).reduce((a, b) => a + b, 0));
    // oxlint-disable-next-line no-await-in-loop -- as above
    replay.push(await replaysASecond(hello, endpoint, bound));
  }
  const [loaded, replayed] = [median(load), median(replay)];
  return [
    { name: 'openssl s_time, two at a time', value: loaded, unit: '1/s' },
    { name: 'replays of TLS 1.3 hellos', value: replayed, unit: '1/s' },
    { name: 'replay of what the server can do', value: (100 * replayed) / loaded, unit: '%', limit: { atLeast: 80 } },
  ];
}

/** Connections a second. It counts whole seconds of its own, so they are counted here. */
async function loadOf(port: number): Promise<number> {
  const args = ['s_time', '-connect', `127.0.0.1:${port}`, '-new', '-time', String(SECONDS)];
  const { stdout } = await promisify(execFile)('openssl', args);
  return Number(/(\d+) connections in (\d+) real seconds/.exec(stdout)?.[1] ?? 0) / SECONDS;
}

async function replaysASecond(hello: RecordedHello, endpoint: Endpoint, port: number): Promise<number> {
  const flight = planFlight(hello, 'smtp.variomedia.de');
  const target = { endpoint, host: '127.0.0.1', port, idleMs: 10_000 };
  const startedMs = performance.now();
  let count = 0;
  const untilTime = (function* () {
    while (performance.now() - startedMs < SECONDS * 1000) yield flight;
  })();
  for await (const { answer } of inParallel(untilTime, 8, (one) => replayHello(one, target))) {
    if (answer.kind !== 'hello') throw new Error(`the server answered ${JSON.stringify(answer)}`);
    count += 1;
  }
  return count / ((performance.now() - startedMs) / 1000);
}

/** The same server, the same clients, one at a time on both sides; nothing where testssl.sh is not installed. */
async function measureAgainstTestssl(servers: Servers): Promise<readonly Figure[]> {
  const hellos = (readInstalledTestssl()?.recordings ?? []).map(({ hello }) => hello);
  const figures: Figure[] = [];
  for (const port of hellos.length === 0 ? [] : [465, 587]) {
    const { endpoint, bound } = endpointOf(servers, port);
    // Before and after: it takes minutes, in which a machine may get other work.
    // oxlint-disable-next-line no-await-in-loop -- both have the machine for themselves
    const before = await replayMsOfClient(hellos, endpoint, bound);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const theirs = await testsslMsOfClient(endpoint, bound);
    if (theirs === null) return [];
    // oxlint-disable-next-line no-await-in-loop -- as above
    const ours = (before + (await replayMsOfClient(hellos, endpoint, bound))) / 2;
    const how = `${endpoint.tls} ${port}`;
    figures.push(
      { name: `testssl.sh, a client, ${how}`, value: theirs, unit: 'ms' },
      { name: `replay, a client, ${how}`, value: ours, unit: 'ms' },
      { name: `replay faster than testssl.sh, ${how}`, value: theirs / ours, unit: '×', limit: { atLeast: 300 } },
    );
  }
  return figures;
}

async function testsslMsOfClient(endpoint: Endpoint, port: number): Promise<number | null> {
  const mail = endpoint.tls === 'starttls' ? ['--starttls', endpoint.protocol] : [];
  const args = ['--client-simulation', '--quiet', '--color', '0', '--warnings', 'batch', ...mail, `127.0.0.1:${port}`];
  const startedMs = performance.now();
  try {
    const { stdout } = await promisify(execFile)('testssl', args, { maxBuffer: 1 << 24 });
    const clients = stdout.split('\n').filter((line) => /\bTLSv1|No connection/.test(line)).length;
    return clients === 0 ? null : (performance.now() - startedMs) / clients;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function replayMsOfClient(hellos: readonly RecordedHello[], endpoint: Endpoint, port: number): Promise<number> {
  const target = { endpoint, host: '127.0.0.1', port, idleMs: 10_000 };
  const startedMs = performance.now();
  let count = 0;
  while (performance.now() - startedMs < SECONDS * 1000) {
    for (const hello of hellos) {
      // Answers are not looked at here: agreement is tested elsewhere.
      // oxlint-disable-next-line no-await-in-loop -- one at a time, as testssl.sh does
      await replayHello(planFlight(hello, 'smtp.variomedia.de'), target);
      count += 1;
    }
  }
  return (performance.now() - startedMs) / count;
}

/** By then every suite, key and certificate has been seen. */
const SETTLED_AT = 1;

/** What is held once the garbage is gone: how much of that lies about is Node's own choice. */
function heldMegabytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Every hello to every endpoint; memory of this process after the second endpoint against the highest later on. */
async function measureMany(hellos: readonly RecordedHello[], servers: Servers): Promise<readonly Figure[]> {
  const seconds: number[] = [];
  const firstHalves: number[] = [];
  let settled = 0;
  let highest = 0;
  for (const [i, { endpoint, bound }] of servers.endpoints.entries()) {
    const target = { endpoint, host: '127.0.0.1', port: bound, idleMs: 20_000 };
    const startedMs = performance.now();
    let count = 0;
    // oxlint-disable-next-line no-await-in-loop -- an endpoint after the other
    for await (const { answer } of inParallel(hellos, 16, (h) => replayHello(planFlight(h, 'mail.example'), target))) {
      if (answer.kind === 'unreachable' || answer.kind === 'silence') throw new Error(answer.why);
      count += 1;
      if (count === hellos.length >> 1) firstHalves.push((performance.now() - startedMs) / 1000);
    }
    seconds.push((performance.now() - startedMs) / 1000);
    const megabytes = heldMegabytes();
    if (i === SETTLED_AT) settled = megabytes;
    if (i >= SETTLED_AT) highest = Math.max(highest, megabytes);
  }
  const half = seconds.length / 2;
  const sum = (some: readonly number[]) => some.reduce((a, b) => a + b, 0);
  const name = `${hellos.length} hellos × ${seconds.length} endpoints`;
  return [
    { name: `${name}: replays`, value: (hellos.length * seconds.length) / sum(seconds), unit: '1/s' },
    {
      name: `${name}: second half of the hellos, time`,
      value: (sum(seconds) - sum(firstHalves)) / sum(firstHalves),
      unit: '×',
      limit: { atMost: 1.2 },
    },
    // The second mode takes what the first refuses, so its handshakes cost more.
    { name: `${name}: time of each mode`, value: sum(seconds.slice(half)) / sum(seconds.slice(0, half)), unit: '×' },
    { name: `${name}: growth of memory`, value: highest / settled, unit: '×', limit: { atMost: 1.2 } },
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function fail(): never {
  throw new Error('the packaged corpus or an endpoint is missing');
}
