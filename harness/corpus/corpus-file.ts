import { basename, join } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { extensionName, suiteName, isGrease } from '../vocabulary/iana.ts';
import { readYamlFile } from '../yaml-file.ts';
import { listedIn } from './describe-extension.ts';
import { type CorpusEntry, Origin } from './entry.ts';
import { helloId, type RecordedExtension } from './recorded-hello.ts';

/** The text of an entry: YAML, numbers as on the wire, names as comments. One suite, extension and result a line. */
export function renderEntry({ id, hello, seen }: CorpusEntry): string {
  return [
    `# A ClientHello. *N: N bytes that are new on each connection. In words: cutover corpus show ${id}`,
    `id: '${id}'`,
    `format: ${hello.format}`,
    ...(hello.recordVersion === null ? [] : [`record: ${hex(hello.recordVersion)}`]),
    `version: ${hex(hello.version)}`,
    `sessionBytes: ${hello.sessionBytes}`,
    'suites:',
    ...hello.suites.map((code) => `  - ${hex(code)} # ${nameOf(code, suiteName)}`),
    ...(hello.format === 'sslv2' ? [] : [`compressions: [${hello.compressions.join(', ')}]`]),
    ...(hello.extensions === null ? [] : renderExtensions(hello.extensions)),
    ...(seen.length === 0 ? ['seen: []'] : ['seen:', ...seen.flatMap(renderOrigin)]),
    '',
  ].join('\n');
}

/**
 * @throws HarnessFault `file-unreadable`, or `file-invalid` with line and column; also when the id is not that of the
 *   bytes, which no hand has to change.
 */
export function readEntry(path: string): CorpusEntry {
  const file = readYamlFile(path, EntryFile);
  const hello = {
    format: file.format,
    recordVersion: file.record ?? null,
    version: file.version,
    sessionBytes: file.sessionBytes,
    suites: file.suites,
    compressions: file.compressions ?? [],
    extensions: file.extensions?.map(({ code, body }) => ({ code, body: parseBlanked(body) })) ?? null,
  };
  const id = helloId(hello);
  if (id !== file.id) throw invalid(`${path}: id: its bytes are those of ${id}, not of ${file.id}`);
  if (basename(path) !== `${id}.yaml`) throw invalid(`${path}: is the recording ${id}, whose file is ${id}.yaml`);
  return { id, hello, seen: file.seen };
}

function invalid(what: string): HarnessFault {
  return new HarnessFault('file-invalid', what, {
    advice: 'A recording is not edited or renamed by hand. Restore the file, or remove it and add the recording again.',
    stage: 'configuration',
  });
}

/** Where an entry stands in its folder. */
export function entryPath(folder: string, id: string): string {
  return join(folder, `${id}.yaml`);
}

const Code16 = z.int().min(0).max(0xffff);
const BLANKED = /^(?:(?:[0-9a-f]{2})+|\*[1-9]\d{0,4})?(?: (?:(?:[0-9a-f]{2})+|\*[1-9]\d{0,4}))*$/;

const EntryFile = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{12}$/, 'an id is 12 hexadecimal digits, in quotes'),
    format: z.enum(['tls', 'sslv2']),
    record: Code16.optional(),
    version: Code16,
    sessionBytes: z.int().min(0).max(0xffff),
    suites: z.array(z.int().min(0).max(0xffffff)).min(1).max(0x7fff),
    compressions: z.array(z.int().min(0).max(0xff)).max(0xff).optional(),
    extensions: z
      .array(
        z.strictObject({
          code: Code16,
          body: z.string().regex(BLANKED, 'a body is hexadecimal digits, and *N for N bytes that are new every time'),
        }),
      )
      .optional(),
    seen: z.array(Origin),
  })
  .refine((file) => (file.format === 'tls') === (file.record !== undefined), {
    path: ['record'],
    error: 'a hello in TLS format has a record version, one in SSLv2 format has none',
  })
  .refine((file) => file.format === 'tls' || (file.extensions ?? file.compressions) === undefined, {
    path: ['format'],
    error: 'a hello in SSLv2 format has neither extensions nor compressions',
  })
  .refine((file) => file.format === 'sslv2' || file.sessionBytes <= 0xff, {
    path: ['sessionBytes'],
    error: 'a session id has 255 bytes at most',
  })
  .refine((file) => (file.extensions ?? []).reduce((sum, { body }) => sum + 4 + countBytes(body), 0) <= 0xffff, {
    path: ['extensions'],
    error: 'extensions have 65,535 bytes at most',
  })
  .refine((file) => file.format === 'sslv2' || file.suites.every((code) => code <= 0xffff), {
    path: ['suites'],
    error: 'suites of a hello in TLS format have two bytes',
  });

function renderExtensions(extensions: readonly RecordedExtension[]): string[] {
  if (extensions.length === 0) return ['extensions: []'];
  return ['extensions:', ...extensions.map(renderExtension)];
}

function renderExtension(extension: RecordedExtension): string {
  const { code, body } = extension;
  const listed = listedIn(extension);
  const comment = [nameOf(code, extensionName), ...(listed === null ? [] : [listed])].join(': ');
  return `  - { code: ${hex(code)}, body: '${renderBlanked(body)}' } # ${comment}`;
}

/** Shorter runs of zeros are content. */
const BLANK_RUN = /(?:00){16,}/g;

/** Runs of 16 zero bytes and more are written `*N`; at even places only, as they are bytes. */
function renderBlanked(body: Buffer): string {
  const parts: string[] = [];
  let from = 0;
  const text = body.toString('hex');
  for (const match of text.matchAll(BLANK_RUN)) {
    const start = match.index + (match.index % 2);
    const count = Math.floor((match.index + match[0].length - start) / 2);
    if (start > from) parts.push(text.slice(from, start));
    parts.push(`*${count}`);
    from = start + 2 * count;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts.join(' ');
}

/** Before any of it is made: a short text can stand for gigabytes. */
function countBytes(text: string): number {
  const parts = text.split(' ');
  return parts.reduce((sum, p) => sum + (p.startsWith('*') ? Number(p.slice(1)) : p.length / 2), 0);
}

function parseBlanked(text: string): Buffer {
  const parts = text.split(' ').filter((part) => part !== '');
  return Buffer.concat(
    parts.map((p) => (p.startsWith('*') ? Buffer.alloc(Number(p.slice(1))) : Buffer.from(p, 'hex'))),
  );
}

function renderOrigin({ met, limits, setting, source, ...who }: Origin): string[] {
  return [
    `  - device: ${plain(who.device)}`,
    `    model: ${plain(who.model)}`,
    `    firmware: ${plain(who.firmware)}`,
    `    emulated: ${who.emulated}`,
    `    setting: ${flow(setting)}`,
    `    source: ${flow(source)}`,
    `    on: '${who.on}'`,
    ...(limits === undefined ? [] : [`    limits: ${flow(limits)}`]),
    ...(met.length === 0 ? [] : ['    met:', ...met.map((one) => `      - ${flow(one)}`)]),
  ];
}

/** A value in YAML's flow style, which takes every JSON text as well. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, v]) => v !== undefined);
    return `{ ${pairs.map(([key, v]) => `${key}: ${flow(v)}`).join(', ')} }`;
  }
  return typeof value === 'string' ? plain(value) : JSON.stringify(value);
}

/** Plain where YAML would read it as the same text, in quotes otherwise: names come from captures, too. */
function plain(value: string): string {
  return /^[A-Za-z][\w.@/-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value).replace(
        /[\u007f-\u009f\u2028\u2029\ufeff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(code > 0xffff ? 6 : 4, '0')}`;
}

function nameOf(code: number, name: (code: number) => string): string {
  return isGrease(code) ? 'GREASE' : name(code);
}
