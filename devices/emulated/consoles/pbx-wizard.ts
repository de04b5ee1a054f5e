import { FACTORY_SETTINGS, type Dialect, type MailOrder, type MailResult, type Stage } from '../console/dialect.ts';
import { portField, securityField, sizeField, type Field } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';
import type { Terminal } from '../console/terminal.ts';

/** A telephone system's wizard: every question in a fixed order, the present value in brackets, then yes or no. */
const pbxWizard: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\x1b[1mPBX administration\x1b[0m  (type "wizard voicemail" or "quit")\n');
  await takeCommands(
    terminal,
    () => '\x1b[36mpbx:\x1b[0m ',
    async (line) => {
      if (line === 'quit') return 'leave';
      if (line === 'wizard voicemail') order = await runWizard(terminal, order, carry);
      else if (line !== '') await terminal.print(`I do not know "${line}".\n`);
      return 'stay';
    },
  );
};

const protectionField = securityField({
  plaintext: 'none',
  implicit: 'tls',
  starttls: 'starttls',
  opportunistic: 'any',
});

const QUESTIONS: readonly (readonly [string, keyof MailOrder, Field])[] = [
  ['Mail server', 'host', (host) => ({ host })],
  ['Port', 'port', portField],
  ['Protection (none, tls, starttls, any)', 'security', protectionField],
  ['User', 'user', (user) => ({ user })],
  ['Password', 'password', (password) => ({ password })],
  ['Sender', 'from', (from) => ({ from })],
  ['Deliver voice mail to', 'to', (to) => ({ to })],
  ['Title', 'subject', (subject) => ({ subject })],
  ['Length of recording in bytes', 'sizeBytes', sizeField],
];

async function runWizard(
  terminal: Terminal,
  present: MailOrder,
  carry: (order: MailOrder) => Promise<MailResult>,
): Promise<MailOrder> {
  let order = present;
  for (const [question, name, field] of QUESTIONS) order = { ...order, ...(await askOne(question, name, field)) };
  if (!(await confirm('Save these settings?'))) return present;
  await terminal.print('Saved.\n');
  while (await confirm('Send a test message now?')) {
    await terminal.print('Sending ... ');
    await terminal.print(`${renderResult(await carry(order))}\n`);
  }
  return order;

  async function askOne(question: string, name: keyof MailOrder, field: Field) {
    const secret = name === 'password';
    const shown = secret ? '' : String(order[name]);
    for (;;) {
      const typed = await terminal.ask(`${question} [${shown}]: `, secret ? { echo: '*' } : {});
      const change = typed === '' ? {} : field(typed);
      if (change !== null) return change;
      await terminal.print('That is not possible here.\n');
    }
  }

  async function confirm(question: string) {
    for (;;) {
      const typed = (await terminal.ask(`${question} (y/n) `)).toLowerCase();
      if (typed === 'y' || typed === 'n') return typed === 'y';
    }
  }
}

const FAILURES: Partial<Record<Stage, string>> = {
  connect: 'no connection to the mail server',
  greeting: 'the mail server does not answer',
  tls: 'no protected connection',
  certificate: 'the mail server could not be identified',
  auth: 'user or password refused',
};

function renderResult({ ok, stage, text }: MailResult): string {
  if (ok) return '\x1b[32mdelivered\x1b[0m';
  return `\x1b[31mfailed\x1b[0m: ${FAILURES[stage] ?? 'transfer broken off'}${text === '' ? '' : ` [${text}]`}`;
}

export default pbxWizard;
