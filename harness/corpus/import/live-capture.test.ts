import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readModes } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import { STARTTLS } from '../../replay/starttls.ts';
import type { MailServer } from '../../servers/contract.ts';
import { startEmbedded } from '../../servers/embedded/start.ts';
import { createMailStore } from '../../servers/mail-store.ts';
import { ENDPOINTS, type Endpoint, PORTS } from '../../vocabulary/trial.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus.ts';
import { helloId, type RecordedHello } from '../recorded-hello.ts';
import { openFileSource } from './byte-source.ts';
import type { CapturedHello } from './follow-connections.ts';
import { renderHello } from './hand-built-packets.ts';
import { asTshark, readWithTshark } from './hellos-by-tshark.ts';
import { canRecord, startRecorder } from './open-test-recorder.ts';
import { parseSegment } from './parse-segment.ts';
import { readCapture } from './read-capture.ts';
import { readPackets } from './read-packets.ts';

// Where tests run for everybody nothing may be left out.
const isPossible = await canRecord('captures of this machine', ['tcpdump', 'dumpcap']);
const isSkipped = !isPossible && process.env['CI'] === undefined;

const CORPUS = readCorpus([PACKAGED_CORPUS]).map(({ hello }) => hello);
const TLS = CORPUS.filter(({ format, extensions }) => format === 'tls' && extensions !== null);
const SSLV2 = CORPUS.filter(({ format }) => format === 'sslv2');

/** Each endpoint three times: whole, in small segments, and in small records that segments cut anywhere. */
const SAID = ENDPOINTS.flatMap((endpoint, i) =>
  [
    { record: 16_384, segment: 100_000 },
    { record: 16_384, segment: 40 },
    { record: 60, segment: 50 },
  ].map((sizes, k) => ({ endpoint, hello: TLS[(3 * i + k) % TLS.length]!, ...sizes })),
).concat(SSLV2.map((hello) => ({ endpoint: ENDPOINTS.at(-1)!, hello, record: 16_384, segment: 20 })));

describe.skipIf(isSkipped)('what passed over this machine, on ports that were free', () => {
  const opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'cutover-live-'));
  const named = (name: string) => join(folder, name);
  const [byTcpdump, byDumpcap] = [named('live.pcap'), named('live.pcapng')];
  const [toPcapng, toPcap] = [named('converted.pcapng'), named('converted.pcap')];
  let server: MailServer;
  const boundTo = (port: Endpoint['port']) => server.address(port).port;

  beforeAll(async () => {
    const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
    const [mode] = readModes(['today']);
    server = opened.use(await startEmbedded({ mode: mode!, pki, store: createMailStore(), listen: '127.0.0.1' }));
    const filter = `tcp port (${PORTS.map(boundTo).join(' or ')})`;
    await using tcpdump = await startRecorder('tcpdump', ['-i', 'lo', '-U', '-w', byTcpdump, filter]);
    await using dumpcap = await startRecorder('dumpcap', ['-q', '-i', 'lo', '-w', byDumpcap, '-f', filter]);
    for (const said of SAID) await say(said);
    for (const file of [byTcpdump, byDumpcap])
      await vi.waitFor(() => expect(read(file).hellos).toHaveLength(SAID.length), { timeout: 30_000 });
    await Promise.all([tcpdump.stop(), dumpcap.stop()]);
    execFileSync('editcap', ['-F', 'pcapng', byTcpdump, toPcapng]);
    execFileSync('editcap', ['-F', 'pcap', byDumpcap, toPcap]);
  });
  afterAll(async () => {
    await opened.disposeAsync();
    rmSync(folder, { recursive: true });
  });

  function read(file: string) {
    const hellos: CapturedHello[] = [];
    using source = openFileSource(file);
    const ports = new Map(PORTS.map((port) => [boundTo(port), port]));
    return { ...readCapture(source, (one) => hellos.push(one), { ports }), hellos };
  }

  /** The dialogue of the endpoint, and the hello in pieces that the network keeps apart. */
  async function say({ endpoint, hello, record, segment }: (typeof SAID)[number]): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: boundTo(endpoint.port), noDelay: true });
    socket.on('error', () => {});
    await once(socket, 'connect');
    if (endpoint.tls === 'starttls') {
      for (const { answer, next } of STARTTLS[endpoint.protocol]) {
        for (let heard = ''; !answer.test(heard); ) heard += String((await once(socket, 'data'))[0]);
        if (next !== null) socket.write(next);
      }
    }
    const bytes = renderHello(hello, record);
    for (let at = 0; at < bytes.length; at += segment) {
      await new Promise((sent) => socket.write(bytes.subarray(at, at + segment), sent));
    }
    // An alert, a hello of its own, or the end: the server has read it whole.
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    socket.destroy();
  }

  const idOf = ({ hello }: { readonly hello: RecordedHello }) => helloId(hello);

  test.each([byTcpdump, byDumpcap, toPcapng, toPcap].map((file) => [basename(file), file] as const))(
    '%s: every hello is taken as it was said, and as tshark sees it',
    (_, file) => {
      const { hellos, connections, skipped, trouble } = read(file);
      expect(hellos.map(idOf)).toEqual(SAID.map(idOf));
      expect(hellos.map(({ endpoint, security }) => [endpoint.port, security])).toEqual(
        SAID.map(({ endpoint }) => [endpoint.port, endpoint.tls]),
      );
      expect({ connections, skipped: [...skipped], trouble }).toEqual({
        connections: SAID.length,
        skipped: [],
        trouble: null,
      });
      const carries = { smtp: 'smtp', imap: 'imap', pop3: 'pop' };
      const decodeAs = ENDPOINTS.map(
        ({ port, protocol, tls }) => [boundTo(port), tls === 'implicit' ? 'tls' : carries[protocol]] as const,
      );
      const asBound = hellos.map(asTshark).map((one, i) => ({ ...one, port: boundTo(SAID[i]!.endpoint.port) }));
      expect(readWithTshark(file, new Map(decodeAs))).toEqual(asBound);
    },
  );

  test('and its hellos were in as many segments as they were written in', () => {
    const pieces = SAID.map(({ hello, record, segment }) => Math.ceil(renderHello(hello, record).length / segment));
    expect(Math.max(...pieces)).toBeGreaterThan(5);
    const bound = new Set(PORTS.map(boundTo));
    using source = openFileSource(byTcpdump);
    const segments = [...readPackets(source)].flatMap((packet) => {
      const segment = packet.kind === 'packet' ? parseSegment(packet.linkType, packet.bytes) : null;
      return segment?.kind === 'segment' && bound.has(segment.targetPort) ? [segment.payload.length] : [];
    });
    expect(segments.filter((length) => length > 0).length).toBeGreaterThanOrEqual(pieces.reduce((a, b) => a + b, 0));
  });
});
