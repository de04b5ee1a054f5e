import { posix } from 'node:path';
import { decodeXml, parseTags, readAttribute } from './xml-tags.ts';

/** What the parts of a workbook say beside its sheets. */
export interface Workbook {
  /** Those that are shown, in their order: name, and the part that holds it. */
  readonly sheets: readonly { readonly name: string; readonly part: string }[];
  readonly sharedTexts: readonly string[];
  /** By style of a cell: its number format, as `yyyy-mm-dd` or `0.00`; "General" for none. */
  readonly formats: readonly string[];
  /** Days count from 1904, as on old Macs. */
  readonly is1904: boolean;
}

type Parts = ReadonlyMap<string, Buffer>;

/** Null: the parts are no workbook (ECMA-376 part 1, 18.2). */
export function readWorkbook(parts: Parts): Workbook | null {
  const path = targetsOf(parts, '').find(({ type }) => type.endsWith('/officeDocument'))?.path;
  const xml = path === undefined ? undefined : textOf(parts, path);
  if (path === undefined || xml === undefined) return null;
  const targets = targetsOf(parts, path);
  const byId = new Map(targets.map((t) => [t.id, t.path]));
  const pathOf = (kind: string) => targets.find(({ type }) => type.endsWith(kind))?.path ?? '';
  const tags = [...parseTags(xml)];
  const sheets = tags.flatMap((tag) => {
    const part = byId.get(readAttribute(tag, 'id') ?? '');
    const isShown = tag.name === 'sheet' && !/hidden/i.test(readAttribute(tag, 'state') ?? '');
    return isShown && part !== undefined && parts.has(part) ? [{ name: readAttribute(tag, 'name') ?? '', part }] : [];
  });
  const properties = tags.find((tag) => tag.name === 'workbookPr');
  return {
    sheets,
    sharedTexts: readSharedTexts(textOf(parts, pathOf('/sharedStrings')) ?? ''),
    formats: readFormats(textOf(parts, pathOf('/styles')) ?? ''),
    is1904: properties !== undefined && /^(?:1|true)$/.test(readAttribute(properties, 'date1904') ?? ''),
  };
}

export function textOf(parts: Parts, part: string): string | undefined {
  return parts
    .get(part)
    ?.toString('utf8')
    .replace(/^\uFEFF/, '');
}

/** What a part refers to; paths from the root of the package. */
function targetsOf(parts: Parts, part: string) {
  const folder = posix.dirname(part);
  const xml = textOf(parts, posix.join(folder, '_rels', `${posix.basename(part)}.rels`)) ?? '';
  return [...parseTags(xml)].flatMap((tag) => {
    const target = readAttribute(tag, 'Target');
    if (tag.name !== 'Relationship' || target === undefined || readAttribute(tag, 'TargetMode') === 'External')
      return [];
    const path = target.startsWith('/') ? target.slice(1) : posix.join(folder, target);
    return [{ id: readAttribute(tag, 'Id') ?? '', type: readAttribute(tag, 'Type') ?? '', path }];
  });
}

function readSharedTexts(xml: string): readonly string[] {
  const texts: string[] = [];
  let start = -1;
  for (const tag of parseTags(xml)) {
    if (tag.name !== 'si') continue;
    if (tag.kind === 'open') start = tag.end;
    else texts.push(tag.kind === 'empty' ? '' : readRichText(xml.slice(start, tag.start)));
  }
  return texts;
}

/** The text of `<t>` and of `<r><t>` runs, without the pronunciation that Japanese texts carry. */
export function readRichText(xml: string): string {
  let [text, start, isSpoken] = ['', 0, false];
  for (const tag of parseTags(xml)) {
    if (tag.name === 'rPh') isSpoken = tag.kind === 'open';
    if (tag.name !== 't' || isSpoken) continue;
    if (tag.kind === 'open') start = tag.end;
    if (tag.kind === 'close') text += decodeXml(xml.slice(start, tag.start));
  }
  return text;
}

function readFormats(xml: string): readonly string[] {
  const custom = new Map<number, string>();
  const formats: string[] = [];
  let isInCells = false;
  for (const tag of parseTags(xml)) {
    const id = Number(readAttribute(tag, 'numFmtId') ?? 0);
    if (tag.name === 'numFmt') custom.set(id, readAttribute(tag, 'formatCode') ?? '');
    if (tag.name === 'cellXfs') isInCells = tag.kind === 'open';
    if (tag.name === 'xf' && isInCells && tag.kind !== 'close') formats.push(custom.get(id) ?? builtIn(id));
  }
  return formats;
}

/** ECMA-376 part 1, 18.8.30. Those of dates differ by country; any date will do here. */
function builtIn(id: number): string {
  if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58))
    return 'yyyy-mm-dd';
  return { 1: '0', 2: '0.00', 3: '#,##0', 4: '#,##0.00', 49: '@' }[id] ?? 'General';
}
