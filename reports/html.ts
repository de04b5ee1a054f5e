/** Text that is markup already. Only `html` makes it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | readonly Markup[];

/**
 * Tagged template for pages: every value is escaped, in text and in quoted attributes alike; only the results of other
 * `html` templates stay markup. A link's target still has to be checked: `safeUrl`.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const rendered = values.map(render);
  return new Markup(parts.map((part, i) => `${part}${rendered[i] ?? ''}`).join(''));
}

function render(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return value.map((v) => v.text).join('');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** The address if it is http or https, else null: a source in a device file must not become `javascript:`. */
export function safeUrl(address: string): string | null {
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
}
