import { causeText } from '../../../harness/cause-texts.ts';
import { type Explanation, explainText } from '../../explain/explain.ts';
import { nextStep } from '../../explain/next-steps.ts';
import { html, type Markup, safeUrl } from '../../html.ts';
import type { ErrorEntry } from './site-data.ts';
import type { View } from './view.ts';

/** What an error text or a pasted log says of mail; nothing where it holds no text that is known. */
export function renderExplained(view: View, text: string, errors: readonly ErrorEntry[]): Markup {
  if (text.trim().length < SHORTEST) return html``;
  const folded = fold(text);
  // Thousands of devices show something; few show this.
  const possible = errors.filter((entry) => entry.errors.some((e) => folded.includes(fold(e.text))));
  const { explanations } = explainText(text, possible);
  return html`${explanations.slice(0, SHOWN).map((e) => renderOne(view, e))}`;
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

const SHORTEST = 3;
/** A whole log can hold dozens; the first lines decide. */
const SHOWN = 5;

function renderOne({ words, language }: View, { line, means, causes, source, devices }: Explanation): Markup {
  const [first] = causes;
  const names = causes.map((cause) => html`<li>${causeText(cause).customer[language].name}</li>`);
  const probable = causes.length === 0 ? html`<p>${words.noCause}</p>` : html`<p>${words.causes}:</p><ol>${names}</ol>`;
  return html`<section class="explained"><h3>${words.explained}</h3><p><code>${line.trim()}</code></p>
<p><strong>${means[language]}</strong></p>${renderDevices(words, devices)}${probable}${first === undefined ? html`` : renderStep(words, language, first)}
<p class="source">${words.source}: ${renderOrigin(words, source)}</p></section>`;
}

function renderDevices(words: View['words'], names: readonly string[]): Markup {
  if (names.length === 0) return html``;
  const more = names.length > FEW ? ` … (+${names.length - FEW})` : '';
  return html`<p class="quiet">${words.shownBy}: ${names.slice(0, FEW).join(', ')}${more}</p>`;
}

const FEW = 5;

function renderStep(words: View['words'], language: View['language'], cause: Explanation['causes'][number]): Markup {
  const { ask, command, shows } = nextStep(cause);
  return html`<p>${words.ask}: ${ask[language]}</p>
<details><summary>${words.confirm}</summary><p><code>${command}</code></p><p>${shows[language]}</p></details>`;
}

function renderOrigin(words: View['words'], source: Explanation['source']): Markup {
  if (source === 'measured') return html`${words.ownLogs}`;
  const url = safeUrl(source.url);
  if (url === null) return html`${source.title}`;
  return html`<a href="${url}" rel="noreferrer noopener" target="_blank">${source.title}</a>`;
}
