import { decodeXml, encodeXml, parseTags, readAttribute, type Tag } from './xml-tags.ts';

/**
 * The XML of a sheet in which formulas that reach out of the workbook (links, web queries, DDE, other files) are texts:
 * `=HYPERLINK(…)` stands in its cell as it was written, and nothing happens when it is clicked.
 */
export function disarmFormulas(xml: string): string {
  const cells = findFormulas(xml);
  const armed = cells.filter(({ formula }) => REACHING_OUT.test(formula));
  if (armed.length === 0) return xml;
  // Cells that share a formula name the one that holds it; without it they would be broken.
  const shared = new Set(armed.flatMap(({ group }) => group ?? []));
  const parts: string[] = [];
  let done = 0;
  for (const cell of cells) {
    const isShared = cell.group !== undefined && shared.has(cell.group);
    if (!isShared && !armed.includes(cell)) continue;
    const { prefix, place, style } = cell;
    const text = cell.formula === '' ? cell.value : `=${cell.formula.replace(/^=/, '')}`;
    parts.push(xml.slice(done, cell.start), renderTextCell(prefix, place + style, text));
    done = cell.end;
  }
  return parts.join('') + xml.slice(done);
}

/** A cell with a text that no program computes. `attributes` stand with the blank before them. */
export function renderTextCell(prefix: string, attributes: string, text: string): string {
  const inner = `<${prefix}is><${prefix}t xml:space="preserve">${encodeXml(text)}</${prefix}t></${prefix}is>`;
  return `<${prefix}c${attributes} t="inlineStr">${inner}</${prefix}c>`;
}

/** The package without its list of cells to compute, which would name cells that compute nothing any more. Programs make it anew. */
export function withoutCalculationChain(parts: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const chain = /^xl\/calcChain\.xml$/i;
  if (![...parts.keys()].some((name) => chain.test(name))) return parts;
  const drop = (name: string, content: Buffer): Buffer => {
    if (!/(?:\[Content_Types\]\.xml|\.rels)$/.test(name)) return content;
    return Buffer.from(content.toString('utf8').replaceAll(/<[^<>]*calcChain\.xml[^<>]*\/>/gi, ''));
  };
  return new Map([...parts].filter(([name]) => !chain.test(name)).map(([name, c]) => [name, drop(name, c)]));
}

/** `[1]Sheet!A1` is another file; `server|topic!item` is DDE. */
const REACHING_OUT =
  /\b(?:HYPERLINK|WEBSERVICE|FILTERXML|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMPORT(?:DATA|XML|HTML|FEED|RANGE)|DDE|IMAGE)\s*\(|\[\d+\]|\|/i;

interface FormulaCell {
  readonly start: number;
  readonly end: number;
  /** Attributes of the cell, with the blank before them; "" for none. */
  readonly place: string;
  readonly style: string;
  readonly prefix: string;
  readonly formula: string;
  readonly value: string;
  /** Of cells that share a formula. */
  readonly group: string | undefined;
}

function findFormulas(xml: string): readonly FormulaCell[] {
  const found: FormulaCell[] = [];
  let cell: Tag | null = null;
  let [formula, value, from]: [string | null, string, number] = [null, '', 0];
  let group: string | undefined;
  for (const tag of parseTags(xml)) {
    if (tag.name === 'c' && tag.kind === 'open') [cell, formula, value, group] = [tag, null, '', undefined];
    else if (tag.name === 'f' && tag.kind !== 'close') {
      [formula, from] = ['', tag.end];
      group = readAttribute(tag, 't') === 'shared' ? readAttribute(tag, 'si') : undefined;
    } else if (tag.name === 'f') formula = decodeXml(xml.slice(from, tag.start));
    else if (tag.name === 'v' && tag.kind === 'open') from = tag.end;
    else if (tag.name === 'v') value = decodeXml(xml.slice(from, tag.start));
    else if (tag.name === 'c' && tag.kind === 'close' && cell !== null && formula !== null) {
      const [place, style] = ['r', 's'].map((name) => {
        const own = readAttribute(cell ?? tag, name);
        return own === undefined ? '' : ` ${name}="${encodeXml(own)}"`;
      });
      const prefix = /^<([\w.-]+:)?/.exec(xml.slice(cell.start, cell.start + 40))?.[1] ?? '';
      found.push({
        start: cell.start,
        end: tag.end,
        place: place ?? '',
        style: style ?? '',
        prefix,
        formula,
        value,
        group,
      });
    }
  }
  return found;
}
