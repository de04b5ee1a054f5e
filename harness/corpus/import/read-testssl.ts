import type { Recording } from '../corpus.ts';
import { type Limits, Name } from '../entry.ts';
import { parseRecordedHello } from '../parse-recorded.ts';
import { slug } from './name-origins.ts';

export interface ListRead {
  readonly recordings: readonly Recording[];
  readonly skipped: readonly { readonly line: number; readonly name: string; readonly why: string }[];
  /** Entries that the list has. */
  readonly entries: number;
}

/**
 * The clients of testssl.sh's list, a bash file of `name+=("value")` lines, read where it is installed. Most were
 * recorded of browsers: each stands for its TLS library, for SMTP and for IMAP.
 *
 * @param on Day that the file was made, YYYY-MM-DD.
 */
export function readTestsslList(text: string, { on, file }: { readonly on: string; readonly file: string }): ListRead {
  const recordings: Recording[] = [];
  const skipped: { line: number; name: string; why: string }[] = [];
  const entries = splitEntries(text);
  for (const { line, values } of entries) {
    const name = values.get('names') ?? '';
    const bytes = values.get('handshakebytes') ?? '';
    const skip = (why: string) => skipped.push({ line, name, why });
    if (!Name.safeParse(name).success) skip('it has no name of one line');
    else if (bytes === '') skip('it has no recorded hello');
    else if (!/^(?:[0-9a-f]{2})+$/i.test(bytes)) skip('its hello is not hexadecimal');
    else {
      const parsed = parseRecordedHello(Buffer.from(bytes, 'hex'));
      if (parsed.kind !== 'hello') skip(parsed.kind === 'incomplete' ? 'its hello is cut short' : parsed.why);
      else
        recordings.push(...SETTINGS.map((setting) => recordingOf(name, parsed.hello, { setting, on, file, values })));
    }
  }
  return { recordings, skipped, entries: entries.length };
}

const SETTINGS = [
  { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' },
  { id: 'implicit-993', protocol: 'imap', port: 993, security: 'implicit' },
] as const;

interface Entry {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

/** Each begins with its name. */
function splitEntries(text: string): readonly Entry[] {
  const entries: { line: number; values: Map<string, string> }[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const [, key, quoted, bare] = /^\s*([a-zA-Z_]+)\+=\((?:"([^"]*)"|([^)]*))\)/.exec(line) ?? [];
    if (key === undefined) continue;
    if (key === 'names') entries.push({ line: i + 1, values: new Map() });
    entries.at(-1)?.values.set(key, quoted ?? bare ?? '');
  }
  return entries;
}

function recordingOf(
  name: string,
  hello: Recording['hello'],
  {
    setting,
    on,
    file,
    values,
  }: {
    readonly setting: (typeof SETTINGS)[number];
    readonly on: string;
    readonly file: string;
    readonly values: Entry['values'];
  },
): Recording {
  const limits = limitsOf(values);
  return {
    hello,
    origin: {
      device: testsslDevice(name),
      model: name,
      firmware: 'unknown',
      emulated: false,
      setting,
      source: { kind: 'testssl', name: file },
      on,
      ...(limits === undefined ? {} : { limits }),
      met: [],
    },
  };
}

/** Device in the corpus of a name in the list. */
function testsslDevice(name: string): string {
  return `testssl-${slug(name)}`;
}

/** -1 or nothing: no limit is known. */
function limitsOf(values: Entry['values']): Limits | undefined {
  const range = (min: string, max: string) => {
    const [atLeast, atMost] = [min, max].map((key) => {
      const bits = Number(values.get(key) ?? -1);
      return Number.isInteger(bits) && bits > 0 ? bits : undefined;
    });
    if (atLeast === undefined && atMost === undefined) return undefined;
    return { ...(atLeast === undefined ? {} : { atLeast }), ...(atMost === undefined ? {} : { atMost }) };
  };
  const rsaBits = range('minRsaBits', 'maxRsaBits');
  const dhBits = range('minDhBits', 'maxDhBits');
  const ecdsaBits = range('minEcdsaBits', 'maxEcdsaBits');
  if (rsaBits === undefined && dhBits === undefined && ecdsaBits === undefined) return undefined;
  return {
    ...(rsaBits === undefined ? {} : { rsaBits }),
    ...(dhBits === undefined ? {} : { dhBits }),
    ...(ecdsaBits === undefined ? {} : { ecdsaBits }),
  };
}
