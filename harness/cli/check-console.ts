import type { Language } from '../cause-texts.ts';
import type { CheckHost } from '../check/open-host.ts';
import type { AgentView, AttemptView } from '../check/view.ts';
import { printable } from './printable.ts';

interface ConsoleOptions {
  readonly host: CheckHost;
  /** A one-time address of the page; null: there is no page. */
  readonly invite: () => string | null;
  readonly json: boolean;
  readonly language: Language;
  readonly print: (line: string) => void;
}

interface CheckConsole extends Disposable {
  begin(): void;
  obey(line: string): 'done' | 'quit';
  readonly hasQuit: boolean;
}

/** The console is an agent like others: it sees its own tickets, and what may belong to them. */
export function openCheckConsole({ host, invite, json, language, print }: ConsoleOptions): CheckConsole {
  const shown = new Map<string, string>();
  let hasQuit = false;
  const tell = (event: string, facts: Readonly<Record<string, unknown>>, text: string) =>
    print(json ? JSON.stringify({ event, ...facts }) : printable(text));

  const show = (ticket: string, attempt: AttemptView) => {
    const key = `${ticket} ${attempt.id}`;
    const { words, ...facts } = attempt;
    const state = JSON.stringify([attempt.outcome, attempt.cause, attempt.live, attempt.connections, attempt.tie]);
    if (shown.get(key) === state) return;
    shown.set(key, state);
    const event = attempt.tie === 'code' || attempt.tie === 'claimed' ? 'attempt' : 'maybe';
    tell(event, { ticket, ...facts, words: words[language] }, renderAttempt(ticket, attempt, language));
  };
  const changed = () => {
    const view = host.viewOf(AGENT);
    const open = new Set(view.tickets.map((t) => t.id));
    for (const key of shown.keys()) if (!open.has(key.split(' ', 1)[0] ?? '')) shown.delete(key);
    for (const ticket of view.tickets) {
      for (const attempt of [...ticket.maybe, ...ticket.attempts]) show(ticket.id, attempt);
    }
  };
  const stop = host.onChange(changed);

  const orders: Readonly<Record<string, (rest: readonly string[]) => void>> = {
    open(rest) {
      const opened = host.openTicket(AGENT, rest.join(' '));
      if (opened.kind === 'too-many') return tell('refused', { why: 'too-many' }, WORDS[language].tooMany);
      const { id, code, expiresAt } = opened;
      tell(
        'opened',
        { ticket: id, code, expiresAt },
        `${id}  ${code.slice(0, 4)} ${code.slice(4)}  ${WORDS[language].until} ${expiresAt}`,
      );
    },
    close([id = '']) {
      const done = host.closeTicket(AGENT, id);
      tell(done ? 'closed' : 'refused', { ticket: id }, done ? id : WORDS[language].unknown);
    },
    claim([id = '', attempt = '']) {
      if (!host.claim(AGENT, id, attempt)) tell('refused', { ticket: id, attempt }, WORDS[language].unknown);
    },
    list() {
      const view = host.viewOf(AGENT);
      shown.clear();
      tell(
        'list',
        { tickets: view.tickets.map(({ id, code, expiresAt }) => ({ id, code, expiresAt })) },
        renderList(view, language),
      );
      changed();
    },
    invite() {
      const address = invite();
      tell('invitation', { address }, address ?? WORDS[language].noPage);
    },
    quit() {
      hasQuit = true;
    },
  };
  return {
    begin() {
      const { ports, host: name } = host.viewOf(AGENT);
      const listed = ports.map((p) => `${p.protocol} ${p.dialled} ${p.security}`).join(' · ');
      tell('listening', { host: name, ports, page: json ? invite() : undefined }, `${name}: ${listed}`);
      if (!json) orders.invite?.([]);
    },
    obey(line) {
      const [order = '', ...rest] = line.slice(0, 200).trim().split(/\s+/);
      if (order === '') return 'done';
      const run = Object.hasOwn(orders, order) ? orders[order] : undefined;
      if (run === undefined) tell('refused', { why: 'unknown-order' }, WORDS[language].help);
      else run(rest);
      return hasQuit ? 'quit' : 'done';
    },
    get hasQuit() {
      return hasQuit;
    },
    [Symbol.dispose]: () => stop(),
  };
}

const AGENT = 'console';

function renderAttempt(ticket: string, attempt: AttemptView, language: Language): string {
  const words = attempt.words[language];
  const { ties } = WORDS[language];
  const hints = [attempt.from, attempt.ehlo ?? '', attempt.agreed ?? '', attempt.cut ?? ''].filter(
    (hint) => hint !== '',
  );
  return [
    `${ticket}  ${attempt.id}  ${ties[attempt.tie]}${words.headline}  (${hints.join(', ')})`,
    ...words.facts.map((fact) => `    ${fact}`),
    ...words.aloud.map((sentence) => `  » ${sentence}`),
    ...words.enter.map((line) => `  → ${line}`),
  ].join('\n');
}

function renderList(view: AgentView, language: Language): string {
  const lines = view.tickets.map((t) => `${t.id}  ${t.code}  ${WORDS[language].until} ${t.expiresAt}  ${t.note}`);
  return lines.length === 0 ? WORDS[language].none : lines.join('\n');
}

const WORDS = {
  de: {
    until: 'gültig bis',
    none: 'kein Code ist vergeben',
    tooMany: 'Es sind zu viele Codes vergeben: Beenden Sie einen.',
    unknown: 'Das gibt es nicht: list zeigt, was es gibt.',
    noPage: 'ohne Seite gestartet',
    help: 'open [Notiz] · close ID · claim ID VERSUCH · list · invite · quit',
    ties: { code: '', claimed: 'zugeordnet: ', likely: 'wahrscheinlich: ', maybe: 'vielleicht: ' },
  },
  en: {
    until: 'valid until',
    none: 'no code is given out',
    tooMany: 'Too many codes are given out: close one.',
    unknown: 'There is no such thing: list shows what there is.',
    noPage: 'started without a page',
    help: 'open [note] · close ID · claim ID ATTEMPT · list · invite · quit',
    ties: { code: '', claimed: 'assigned: ', likely: 'probably: ', maybe: 'perhaps: ' },
  },
} as const;
