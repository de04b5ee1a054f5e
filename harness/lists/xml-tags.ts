/** One tag of an XML text. Names are local: `x:row` is `row`. */
export interface Tag {
  readonly name: string;
  /** As written, with the blank before them. */
  readonly attributes: string;
  readonly kind: 'open' | 'close' | 'empty';
  /** Offsets of `<` and behind `>`. */
  readonly start: number;
  readonly end: number;
}

/**
 * The tags of a part of a workbook, in order. These parts have no document type: one that has is none of a spreadsheet
 * program, and its entities are not followed.
 */
export function* parseTags(xml: string, from = 0, to = xml.length): Generator<Tag> {
  let at = xml.indexOf('<', from);
  while (at >= 0 && at < to) {
    const second = xml[at + 1];
    if (second === '!' || second === '?') {
      const [, close] = SKIPPED.find(([open]) => xml.startsWith(open, at)) ?? ['', '>'];
      const behind = xml.indexOf(close, at);
      if (behind < 0) return;
      at = xml.indexOf('<', behind + close.length);
      continue;
    }
    TAG.lastIndex = at;
    const found = TAG.exec(xml);
    if (found === null) return;
    const [whole, slash, name = '', attributes = '', empty] = found;
    yield {
      name: name.slice(name.indexOf(':') + 1),
      attributes,
      kind: slash === '/' ? 'close' : empty === '/' ? 'empty' : 'open',
      start: at,
      end: at + whole.length,
    };
    at = xml.indexOf('<', at + whole.length);
  }
}

const TAG = /<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/y;
const SKIPPED: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

/** One attribute of a tag, decoded; undefined without it. `name` is local. */
export function readAttribute({ attributes }: Tag, name: string): string | undefined {
  const found = new RegExp(`\\s(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return found === null ? undefined : decodeXml(found[1] ?? found[2] ?? '');
}

/** What XML and spreadsheets escape: `&amp;`, `&#10;`, `_x000A_` (ECMA-376 part 1, 22.9.2.19), and CDATA sections. */
export function decodeXml(text: string): string {
  if (!/[&_<]/.test(text)) return text;
  return text
    .replaceAll(/<!\[CDATA\[(.*?)\]\]>/gs, (_, inner: string) => inner.replaceAll('&', '&amp;'))
    .replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, dec, hex, name: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = dec === undefined ? Number.parseInt(String(hex), 16) : Number(dec);
      return code > 0x10_ff_ff ? whole : String.fromCodePoint(code);
    })
    .replaceAll(/_x([\da-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A text between tags. Control characters, which XML has no way to write, are left out. */
export function encodeXml(text: string): string {
  return text
    .replaceAll(/_(?=x[\da-f]{4}_)/gi, '_x005F_')
    .replaceAll(/[&<>"]/g, (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt' }[sign] ?? 'quot'};`)
    .replaceAll(UNWRITABLE, '');
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** XML 1.0, section 2.2. */
const UNWRITABLE = new RegExp(
  [
    '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]',
    '[\\ud800-\\udbff](?![\\udc00-\\udfff])',
    '(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
  ].join('|'),
  'g',
);
