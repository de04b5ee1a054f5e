import { execFileSync } from 'node:child_process';
import type { CapturedHello } from './follow-connections.ts';

/** For tests: a hello of a capture, as far as two readers of it can be compared. */
export interface ComparedHello {
  readonly port: number;
  readonly suites: readonly number[];
  readonly extensions: readonly number[];
}

const FIELDS = [
  'tcp.dstport',
  'tls.handshake.ciphersuite',
  'tls.handshake.extension.type',
  'tls.handshake.cipherspec',
] as const;

/**
 * What tshark says of the hellos of a file. Throws where tshark is missing.
 *
 * @param decodeAs Ports that are not the usual ones, by its name for what they carry: `smtp`, `imap`, `pop`, `tls`.
 */
export function readWithTshark(
  path: string,
  decodeAs: ReadonlyMap<number, string> = new Map(),
): readonly ComparedHello[] {
  const args = [
    '-o',
    'tcp.reassemble_out_of_order:TRUE',
    ...[...decodeAs].flatMap(([port, protocol]) => ['-d', `tcp.port==${port},${protocol}`]),
    '-r',
    path,
    '-Y',
    'tls.handshake.type == 1 || tls.handshake.cipherspec',
    '-T',
    'fields',
    ...FIELDS.flatMap((field) => ['-e', field]),
  ];
  const out = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [port, suites = [], extensions = [], specs = []] = line.split('\t').map(listOf);
      return {
        port: Number(port?.[0]),
        suites: (suites.length > 0 ? suites : specs).map(Number),
        extensions: extensions.map(Number),
      };
    });
}

function listOf(field: string): string[] {
  return field.split(',').filter((value) => value !== '');
}

/** What our reader says of one. */
export function asTshark({ hello, endpoint }: CapturedHello): ComparedHello {
  const { suites, extensions } = hello;
  return { port: endpoint.port, suites: [...suites], extensions: (extensions ?? []).map(({ code }) => code) };
}
