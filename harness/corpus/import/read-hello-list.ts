import * as z from 'zod';
import { HarnessFault } from '../../faults.ts';
import { ENDPOINTS, type Port, PORTS } from '../../vocabulary/trial.ts';
import type { Recording } from '../corpus.ts';
import { Name } from '../entry.ts';
import { parseRecordedHello } from '../parse-recorded.ts';
import { type Named, slug } from './name-origins.ts';
import type { ListRead } from './read-testssl.ts';

const Listed = z.strictObject({
  /** Hexadecimal, from the first byte of TLS on. */
  hello: z.string(),
  device: Name.optional(),
  model: Name.optional(),
  firmware: Name.optional(),
  port: z.literal(PORTS).optional(),
});
type Listed = z.infer<typeof Listed>;

interface Row {
  readonly line: number;
  readonly listed: Listed | { readonly why: string };
}

/**
 * A list of hellos: JSON (an array of hexadecimal texts, or of objects with `hello` and optionally `device`, `model`,
 * `firmware`, `port`), or text, one a line: `[device] hex`, with `#` before a comment. Null: it is neither.
 *
 * @throws HarnessFault `file-unreadable` for more than anybody has.
 */
export function readHelloList(
  text: string,
  { on, file, named }: { readonly on: string; readonly file: string; readonly named: Named },
): ListRead | null {
  const rows = /^\s*\[/.test(text) ? readJson(text) : readLines(text);
  if (rows === null) return null;
  const recordings: Recording[] = [];
  const skipped: { line: number; name: string; why: string }[] = [];
  for (const [i, { line, listed }] of rows.entries()) {
    if ('why' in listed) {
      skipped.push({ line, name: `entry ${i + 1}`, why: listed.why });
      continue;
    }
    const device = named.device ?? listed.device ?? `${slug(file.replace(/\.[a-z]+$/i, ''))}-${i + 1}`;
    const hex = listed.hello.replaceAll(/[\s:]|0x/g, '');
    const parsed = HEX.test(hex) ? parseRecordedHello(Buffer.from(hex, 'hex')) : null;
    if (parsed?.kind !== 'hello') {
      const why = parsed === null ? NOT_HEX : parsed.kind === 'incomplete' ? 'its hello is cut short' : parsed.why;
      skipped.push({ line, name: device, why });
      continue;
    }
    const model = named.model ?? listed.model ?? device;
    const firmware = named.firmware ?? listed.firmware ?? 'unknown';
    const source = { kind: 'list' as const, name: file };
    const setting = settingOf(listed.port ?? 465);
    recordings.push({
      hello: parsed.hello,
      origin: { device, model, firmware, emulated: false, setting, source, on, met: [] },
    });
  }
  return { recordings, skipped, entries: rows.length };
}

const MAX_ENTRIES = 100_000;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const NOT_HEX = 'its hello is not hexadecimal';

function readJson(text: string): readonly Row[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(json)) return null;
  if (json.length > MAX_ENTRIES) {
    throw new HarnessFault(
      'file-unreadable',
      `A list has ${MAX_ENTRIES} hellos at most, and this one has ${json.length}.`,
      {
        advice: 'Split it.',
        exitCode: 78,
      },
    );
  }
  return json.map((entry: unknown, i): Row => {
    const parsed = Listed.safeParse(typeof entry === 'string' ? { hello: entry } : entry);
    const [issue] = parsed.error?.issues ?? [];
    const listed = parsed.data ?? { why: `${issue?.path.join('.') || 'entry'}: ${issue?.message ?? 'unreadable'}` };
    return { line: i + 1, listed };
  });
}

/** Null where not one line could be a hello: it is some other file. */
function readLines(text: string): readonly Row[] | null {
  const rows = text.split('\n').flatMap((raw, i): readonly Row[] => {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') return [];
    const [, device, hello] = /^(?:(.*\S)\s+)?([0-9a-fA-F:]{10,})$/.exec(line) ?? [];
    if (hello === undefined) return [{ line: i + 1, listed: { why: NOT_HEX } }];
    return [{ line: i + 1, listed: device === undefined ? { hello } : { hello, device: slug(device) } }];
  });
  return rows.some(({ listed }) => 'hello' in listed) ? rows : null;
}

function settingOf(port: Port) {
  const endpoint = ENDPOINTS.find((one) => one.port === port);
  if (endpoint === undefined) throw new Error(`no listener is for port ${port}`);
  const { protocol, tls } = endpoint;
  return { id: `${tls}-${port}`, protocol, port, security: tls };
}
