/// <reference lib="dom" />
import type { AgentView, AttemptView, TicketView } from '../view.ts';

type Language = 'de' | 'en';

/** Everything is shown as text: what devices say of themselves never becomes markup. */
function draw(view: AgentView): void {
  const words = WORDS[language];
  document.documentElement.lang = language;
  document.title = words.title;
  byId('title').textContent = words.title;
  for (const name of ['de', 'en'] as const) byId(name).setAttribute('aria-pressed', String(name === language));
  byId('stand').textContent = view.trouble === null ? '' : `${words.trouble} ${view.trouble}`;
  const tickets = document.createElement('div');
  tickets.append(...view.tickets.map((ticket) => drawTicket(ticket, view)));
  const others = text('p', view.othersWaiting > 0 ? words.others(view.othersWaiting) : '');
  const away = text('p', view.turnedAway > 0 ? words.turnedAway(view.turnedAway) : '');
  // The form stays where it is: somebody may be typing into it.
  if (byId('form').lang !== language) byId('form').replaceChildren(form(words));
  byId('form').lang = language;
  byId('main').replaceChildren(tickets, others, away);
}

function drawTicket(ticket: TicketView, view: AgentView): HTMLElement {
  const words = WORDS[language];
  const section = document.createElement('section');
  section.className = 'ticket';
  const code = text('p', ticket.code);
  code.className = 'code';
  const close = button(words.close, () => order({ kind: 'close', ticket: ticket.id }));
  section.append(
    text('h2', ticket.note === '' ? words.ticket : `${words.ticket}: ${ticket.note}`),
    code,
    text('p', words.expires(clock(ticket.expiresAt))),
    drawEntries(ticket, view),
    close,
    text('h3', words.attempts),
    ...(ticket.attempts.length === 0 ? [text('p', words.nothing)] : []),
    ...ticket.attempts.toReversed().map((attempt) => drawAttempt(attempt)),
  );
  if (ticket.maybe.length === 0) return section;
  section.append(text('h3', words.maybe), text('p', words.maybeWhy));
  for (const attempt of ticket.maybe) {
    const box = drawAttempt(attempt);
    box.append(button(words.claim, () => order({ kind: 'claim', ticket: ticket.id, attempt: attempt.id })));
    section.append(box);
  }
  return section;
}

/** What the customer enters for the test. */
function drawEntries(ticket: TicketView, view: AgentView): HTMLElement {
  const words = WORDS[language];
  const details = foldable(`${ticket.id} entries`, ticket.attempts.length === 0);
  const list = document.createElement('ul');
  const ports = view.ports.map(
    ({ port, dialled, protocol, security }) =>
      `${protocol.toUpperCase()}: ${words.port} ${dialled}${dialled === port ? '' : ` (${port})`}, ${security === 'implicit' ? 'SSL/TLS' : 'STARTTLS'}`,
  );
  const lines = [
    `${words.server}: ${view.host}`,
    ...ports,
    words.user(ticket.code),
    words.orRecipient(ticket.code, view.host),
  ];
  list.append(...lines.map((line) => text('li', line)));
  details.append(text('summary', words.enterForTest), list, text('p', words.ownPassword));
  return details;
}

function drawAttempt(attempt: AttemptView): HTMLElement {
  const words = WORDS[language];
  const said = attempt.words[language];
  const box = document.createElement('article');
  box.className = `attempt ${attempt.live ? '' : attempt.outcome}`;
  const tie = words.ties[attempt.tie];
  const hints = [
    clock(attempt.at),
    `${words.from} ${attempt.from}`,
    ...(attempt.sameAddress ? [words.sameAddress] : []),
    ...(attempt.ehlo === null ? [] : [`EHLO ${attempt.ehlo}`]),
    ...(attempt.offered === null ? [words.noTls] : [`${words.offers} ${attempt.offered.replace(/^(?=\d)/, 'TLS ')}`]),
    ...(attempt.agreed === null ? [] : [attempt.agreed]),
    ...(attempt.cut === null ? [] : [`${words.cut}: ${attempt.cut}`]),
  ];
  const aloud = text('p', said.aloud.join(' '));
  aloud.className = 'aloud';
  const enter = document.createElement('ul');
  enter.className = 'enter';
  enter.append(...said.enter.map((line) => text('li', line)));
  const facts = document.createElement('ul');
  facts.append(...said.facts.map((line) => text('li', line)));
  const details = foldable(`${attempt.id} facts`, false);
  details.append(text('summary', words.details), facts);
  box.append(text('h4', `${said.headline}${tie === '' ? '' : ` – ${tie}`}`), text('p', hints.join(' · ')));
  if (said.aloud.length > 0) box.append(text('p', words.readAloud), aloud);
  if (said.enter.length > 0) box.append(text('p', words.enterNow), enter);
  box.append(details);
  return box;
}

function form(words: Words): HTMLElement {
  const made = document.createElement('form');
  const label = text('label', words.note);
  const input = document.createElement('input');
  input.maxLength = 80;
  input.autocomplete = 'off';
  label.append(input);
  const open = button(words.open, () => {});
  open.type = 'submit';
  made.append(label, open);
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    order({ kind: 'open', note: input.value });
    input.value = '';
  });
  return made;
}

/** Stays as the agent has left it, whatever is drawn again. */
function foldable(key: string, isOpen: boolean): HTMLDetailsElement {
  const details = document.createElement('details');
  details.open = unfolded.get(key) ?? isOpen;
  details.addEventListener('toggle', () => details.isConnected && unfolded.set(key, details.open));
  return details;
}

function order(what: Readonly<Record<string, string>>): void {
  const words = WORDS[language];
  fetch('/orders', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(what) })
    .then(async (response) => {
      const answer: { readonly done: unknown } = response.ok ? await response.json() : { done: false };
      byId('stand').textContent = answer.done === false ? words.refused : '';
    })
    .catch(() => {
      byId('stand').textContent = words.lost;
    });
}

function text(tag: string, content: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
}

function button(label: string, press: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = label;
  made.addEventListener('click', press);
  return made;
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no ${id}`);
  return element;
}

function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(language);
}

const GERMAN = {
  title: 'Prüfserver für Kundengeräte',
  note: 'Notiz (zum Beispiel Vorgangsnummer)',
  open: 'Code erzeugen',
  ticket: 'Anruf',
  close: 'Beenden',
  expires: (at: string) => `gilt bis ${at}`,
  enterForTest: 'Was der Kunde für den Test einträgt',
  server: 'Server',
  port: 'Port',
  user: (code: string) => `Benutzername: ${code.replace(' ', '')} (Passwort: beliebig, zum Beispiel test)`,
  orRecipient: (code: string, host: string) =>
    `Geräte ohne Anmeldung: Empfänger ${code.replace(' ', '').toLowerCase()}@${host}`,
  ownPassword: 'Bitte nicht das eigene Passwort eintragen. Die Testmail wird verworfen und kommt nirgends an.',
  attempts: 'Versuche',
  nothing: 'Noch nichts angekommen.',
  maybe: 'Vielleicht dieses Gerät',
  maybeWhy: 'Diese Verbindungen haben keinen Code genannt. Fragen Sie nach, bevor Sie zuordnen.',
  claim: 'Das ist das Gerät dieses Kunden',
  ties: { code: '', claimed: 'von Ihnen zugeordnet', likely: 'wahrscheinlich, nur Sie warten', maybe: 'vielleicht' },
  from: 'von',
  sameAddress: 'gleiche Adresse wie zuvor',
  offers: 'bietet höchstens an:',
  noTls: 'hat keine Verschlüsselung begonnen',
  cut: 'von uns beendet',
  details: 'Einzelheiten',
  readAloud: 'Vorlesen:',
  enterNow: 'Am Gerät einstellen:',
  others: (count: number) => `Anrufe anderer, die auf ein Gerät warten: ${count}`,
  turnedAway: (count: number) => `Abgewiesene Verbindungen seit dem Start: ${count}`,
  trouble: 'Störung des Prüfservers:',
  refused: 'Das ging nicht.',
  lost: 'Keine Verbindung zum Prüfserver.',
};
type Words = typeof GERMAN;

const ENGLISH: Words = {
  title: 'Test host for customers’ devices',
  note: 'Note (for example the number of the call)',
  open: 'Make a code',
  ticket: 'Call',
  close: 'End',
  expires: (at: string) => `valid until ${at}`,
  enterForTest: 'What the customer enters for the test',
  server: 'Server',
  port: 'port',
  user: (code: string) => `User name: ${code.replace(' ', '')} (password: any, for example test)`,
  orRecipient: (code: string, host: string) =>
    `Devices that cannot sign in: recipient ${code.replace(' ', '').toLowerCase()}@${host}`,
  ownPassword: 'Please do not enter your own password. The test mail is thrown away and arrives nowhere.',
  attempts: 'Attempts',
  nothing: 'Nothing has come in yet.',
  maybe: 'Perhaps this device',
  maybeWhy: 'These connections named no code. Ask before you assign one.',
  claim: 'This is this customer’s device',
  ties: { code: '', claimed: 'assigned by you', likely: 'probably, only you are waiting', maybe: 'perhaps' },
  from: 'from',
  sameAddress: 'same address as before',
  offers: 'offers at most:',
  noTls: 'did not start encryption',
  cut: 'ended by us',
  details: 'Details',
  readAloud: 'Read aloud:',
  enterNow: 'Set on the device:',
  others: (count: number) => `Calls of others that wait for a device: ${count}`,
  turnedAway: (count: number) => `Connections turned away since the start: ${count}`,
  trouble: 'Trouble of the test host:',
  refused: 'That did not work.',
  lost: 'No connection to the test host.',
};

const WORDS: Readonly<Record<Language, Words>> = { de: GERMAN, en: ENGLISH };

let language: Language = navigator.language.startsWith('de') ? 'de' : 'en';
let last: AgentView | null = null;
const unfolded = new Map<string, boolean>();
for (const name of ['de', 'en'] as const) {
  byId(name).addEventListener('click', () => {
    language = name;
    if (last !== null) draw(last);
  });
}
const events = new EventSource('/events');
events.addEventListener('message', (event: MessageEvent<string>) => {
  const view: AgentView = JSON.parse(event.data);
  last = view;
  draw(view);
});
events.addEventListener('error', () => {
  byId('stand').textContent = WORDS[language].lost;
});
