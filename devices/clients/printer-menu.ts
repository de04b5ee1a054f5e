import type { ClientRecipe, Order, Said } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

/** Numbered German menus: choose, then answer the questions. */
const printerMenu: ClientRecipe = {
  speaks: 'Office printers whose service console is a numbered menu in German.',

  async submit(session, order) {
    await enterServer(session, '1', order);
    await enterAccount(session, order);
    await choose(session, '3');
    await answer(session, /Empfänger: /, order.to);
    await answer(session, /Betreff: /, order.marker);
    await answer(session, /Byte: /, String(order.sizeBytes));
    return repeat(order.mails, () => trigger(session, '4'));
  },

  async fetch(session, order) {
    await enterServer(session, '5', order);
    await answer(session, /Abruf über .*: /, order.setting.protocol === 'pop3' ? '2' : '1');
    await enterAccount(session, order);
    return trigger(session, '6');
  },
};

async function choose(session: Session, choice: string): Promise<void> {
  await answer(session, /Auswahl \[0-6\]: /, choice);
}

async function enterServer(session: Session, choice: string, order: Order): Promise<void> {
  await choose(session, choice);
  await answer(session, /Serveradresse: /, order.host);
  await answer(session, /Portnummer: /, String(order.port));
  const security = { plaintext: '1', implicit: '2', starttls: '3', opportunistic: '4' }[order.setting.security];
  await answer(session, /Verschlüsselung \[1-4\]: /, security);
}

async function enterAccount(session: Session, order: Order): Promise<void> {
  await choose(session, '2');
  await answer(session, /Benutzername: /, order.user);
  await answer(session, /Kennwort: /, order.password, { secret: true });
  await answer(session, /Absenderadresse: /, order.from);
}

async function trigger(session: Session, choice: string): Promise<Said> {
  await choose(session, choice);
  return hear(session, { sent: / OK\n/, failed: /FEHLER [^\n]*/ });
}

export default printerMenu;
