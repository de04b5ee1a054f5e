import { html, type Markup } from '../../html.ts';
import { SECURITY_WORDS, SERVER_WORDS } from '../../setting-words.ts';
import type { View } from './view.ts';

/** While no entry is open: what to type, and the settings that hold for everybody. */
export function renderWelcome({ words, language, schedule: { strict } }: View): Markup {
  const examples = words.examples.map((text) => html`<button type="button" data-try="${text}">${text}</button>`);
  const rows =
    strict === undefined
      ? []
      : RECOMMENDED.map(({ protocol, ports }) => {
          const ways = ports.map(
            ([port, security]) => html`<li>${words.port} ${port}: ${SECURITY_WORDS[security][language]}</li>`,
          );
          return html`<div><dt>${SERVER_WORDS[protocol][language]}</dt><dd>${strict.hosts[protocol]}<ul>${ways}</ul></dd></div>`;
        });
  return html`<p class="quiet empty">${words.choose}</p><p>${words.try}</p><div class="options">${examples}</div>
${rows.length === 0 ? html`` : html`<section class="more"><h2>${words.general}</h2><dl class="facts general">${rows}</dl></section>`}`;
}

/** SSL/TLS first: it cannot be left out by mistake. Port 25 works too, but many routers block it for customers. */
const RECOMMENDED = [
  {
    protocol: 'smtp',
    ports: [
      [465, 'implicit'],
      [587, 'starttls'],
    ],
  },
  {
    protocol: 'imap',
    ports: [
      [993, 'implicit'],
      [143, 'starttls'],
    ],
  },
  {
    protocol: 'pop3',
    ports: [
      [995, 'implicit'],
      [110, 'starttls'],
    ],
  },
] as const;
