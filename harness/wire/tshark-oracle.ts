import { execFileSync } from 'node:child_process';
import { suiteName, versionOf } from '../vocabulary/iana.ts';
import type { TlsVersion } from '../vocabulary/mode.ts';

export interface TsharkStream {
  readonly client: {
    readonly suites: readonly string[];
    readonly ja3: string | undefined;
    readonly ja3Hash: string | undefined;
    readonly version: TlsVersion | undefined;
    readonly sni: string | null;
  };
  readonly answer: { readonly version: TlsVersion | undefined; readonly suite: string } | null;
  readonly alerts: readonly number[];
  readonly protocols: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

const FIELDS = [
  'tcp.stream',
  'frame.protocols',
  'tls.handshake.type',
  'tls.handshake.ciphersuite',
  'tls.handshake.version',
  'tls.handshake.extensions.supported_version',
  'tls.handshake.ja3_full',
  'tls.handshake.ja3',
  'tls.alert_message.desc',
  'tls.handshake.extensions_server_name',
  '_ws.expert.message',
  'tcp.checksum.status',
  'ip.checksum.status',
] as const;

/** tshark's view, one entry for each TCP stream in order of time. */
export function readWithTshark(file: string): readonly TsharkStream[] {
  const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
  const args = [
    '-r',
    file,
    ...checks,
    '-T',
    'fields',
    '-E',
    'separator=|',
    '-E',
    'occurrence=a',
    '-E',
    'aggregator=;',
    ...FIELDS.flatMap((f) => ['-e', f]),
  ];
  const rows = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n');
  const packets = rows.map((row) => Object.fromEntries(row.split('|').map((value, i) => [FIELDS[i] ?? '', value])));
  const count = 1 + Math.max(...packets.map((p) => Number(p['tcp.stream'])));
  return Array.from({ length: count }, (_, stream) =>
    readStream(packets.filter((p) => Number(p['tcp.stream']) === stream)),
  );
}

function readStream(packets: readonly Record<string, string>[]): TsharkStream {
  const list = (packet: Record<string, string> | undefined, field: (typeof FIELDS)[number]) =>
    (packet?.[field] ?? '').split(';').filter((v) => v !== '');
  const hello = packets.find((p) => list(p, 'tls.handshake.type')[0] === '1');
  // The last, because a HelloRetryRequest comes first.
  const answer = packets.findLast((p) => list(p, 'tls.handshake.type')[0] === '2');
  const version =
    list(answer, 'tls.handshake.extensions.supported_version')[0] ?? list(answer, 'tls.handshake.version')[0];
  return {
    client: {
      suites: list(hello, 'tls.handshake.ciphersuite').map(Number).map(suiteName),
      ja3: list(hello, 'tls.handshake.ja3_full')[0],
      ja3Hash: list(hello, 'tls.handshake.ja3')[0],
      version: versionOf(Number(list(hello, 'tls.handshake.version')[0])),
      sni: list(hello, 'tls.handshake.extensions_server_name')[0] ?? null,
    },
    answer:
      answer === undefined
        ? null
        : {
            version: versionOf(Number(version)),
            suite: suiteName(Number(list(answer, 'tls.handshake.ciphersuite')[0])),
          },
    alerts: packets.flatMap((p) => list(p, 'tls.alert_message.desc').map(Number)),
    protocols: new Set(packets.flatMap((p) => (p['frame.protocols'] ?? '').split(':'))),
    warnings: packets.flatMap((p) => [
      ...list(p, '_ws.expert.message').filter((m) =>
        /not captured|unseen|out-of-order|retransmission|[Mm]alformed/.test(m),
      ),
      ...list(p, 'tcp.checksum.status').filter((s) => s !== '1'),
      ...list(p, 'ip.checksum.status').filter((s) => s !== '1'),
    ]),
  };
}
