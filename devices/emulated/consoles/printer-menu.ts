import { FACTORY_SETTINGS, type Dialect, type MailOrder, type MailResult, type Stage } from '../console/dialect.ts';
import { takeCommands } from '../console/take-commands.ts';

/** Numbered menus of an office printer, in German. Choices by number, text in clear, the password as asterisks. */
const printerMenu: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\x1b[2J\x1b[H=== DruckWerk Service-Konsole ===\n');
  await takeCommands(
    terminal,
    () => `${MENU}Auswahl [0-6]: `,
    async (choice) => {
      if (choice === '1') order = { ...order, ...(await askServer()), protocol: 'smtp' };
      else if (choice === '2') order = { ...order, ...(await askAccount()) };
      else if (choice === '3') order = { ...order, ...(await askPage()) };
      else if (choice === '4') await showResult('Testseite wird gesendet', { ...order, protocol: 'smtp' });
      else if (choice === '5') order = { ...order, ...(await askServer()), protocol: await askProtocol() };
      else if (choice === '6') await showResult('Postfach wird abgefragt', order);
      else if (choice === '0') return 'leave';
      else await terminal.print('Ungültige Auswahl!\n');
      return 'stay';
    },
  );

  async function askServer() {
    const host = await terminal.ask('  Serveradresse: ');
    const port = Number(await terminal.ask('  Portnummer: '));
    await terminal.print('  Verschlüsselung: (1) Aus  (2) SSL/TLS  (3) STARTTLS  (4) Automatisch\n');
    const security = SECURITIES[Number(await terminal.ask('  Verschlüsselung [1-4]: ')) - 1] ?? 'plaintext';
    return { host, port, security };
  }

  async function askProtocol() {
    return (await terminal.ask('  Abruf über (1) IMAP  (2) POP3 [1-2]: ')) === '2' ? 'pop3' : 'imap';
  }

  async function askAccount() {
    const user = await terminal.ask('  Benutzername: ');
    const password = await terminal.ask('  Kennwort: ', { echo: '*' });
    return { user, password, from: await terminal.ask('  Absenderadresse: ') };
  }

  async function askPage() {
    const to = await terminal.ask('  Empfänger: ');
    const subject = await terminal.ask('  Betreff: ');
    return { to, subject, sizeBytes: Number(await terminal.ask('  Seitengröße in Byte: ')) };
  }

  async function showResult(working: string, wanted: MailOrder) {
    await terminal.print(`${working} ...`);
    const result = await carry(wanted);
    await terminal.print(result.ok ? ' OK\n' : ` FEHLER ${renderFailure(result)}\n`);
  }
};

const MENU = `
 [1] Mailserver (Senden)     [4] Testseite senden
 [2] Anmeldung               [5] Mailserver (Empfang)
 [3] Seite                   [6] Postfach abfragen
 [0] Beenden
`;

const SECURITIES = ['plaintext', 'implicit', 'starttls', 'opportunistic'] as const;

const FAILURES: Partial<Record<Stage, string>> = {
  connect: '17-01: Server nicht erreichbar',
  greeting: '17-02: Server antwortet nicht',
  tls: '17-05: Gesicherte Verbindung nicht möglich',
  certificate: '17-06: Zertifikat ungültig',
  auth: '17-07: Anmeldung fehlgeschlagen',
};

function renderFailure({ stage, text }: MailResult): string {
  const words = FAILURES[stage] ?? '17-09: Übertragung abgebrochen';
  return text === '' ? words : `${words} (${text})`;
}

export default printerMenu;
