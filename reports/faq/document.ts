/** A page as content, so that Markdown and HTML say the same. All strings are plain text: the renderers escape. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string; readonly anchor?: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'banner'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** `name`: for people who do not see it, and who scroll it with the keyboard on a narrow screen. */
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly head: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
    }
  /** A list that is folded away behind its title, one line an entry. */
  | { readonly kind: 'entries'; readonly title: string; readonly entries: readonly Cell[] }
  /** Links to the headings that have an anchor; only where links inside a page work. */
  | { readonly kind: 'contents'; readonly title: string };

/** Pieces of one table cell, one below the other, or of one entry, one beside the other. */
export type Cell = readonly CellLine[];
export type CellLine =
  | string
  | { readonly strong: string }
  /** An address from a device file, which becomes a link only if it is http or https. */
  | { readonly link: string; readonly text: string }
  /** An address of the provider's, from the editorial file. */
  | { readonly page: string; readonly text: string };

export function heading(level: 2 | 3, text: string, anchor?: string): Block {
  return { kind: 'heading', level, text, ...(anchor !== undefined && { anchor }) };
}

/** Paragraphs are separated by blank lines; lines that begin with "- " are a list. */
export function prose(text: string): readonly Block[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .flatMap((part): readonly Block[] => {
      const lines = part.split('\n').map((line) => line.trim());
      const items = lines.filter((line) => line.startsWith('- ')).map((line) => line.slice(2));
      const rest = lines.filter((line) => !line.startsWith('- ')).join(' ');
      return [
        ...(rest === '' ? [] : [{ kind: 'paragraph', text: rest } as const]),
        ...(items.length === 0 ? [] : [{ kind: 'list', items } as const]),
      ];
    });
}
