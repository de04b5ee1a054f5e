import type { ClientRecipe, Order, Said } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const TRY = /Try it now\? \[YES\/no\] /;

/** Answers the questions that the device asks; some depend on the answers before. */
const nasQuestions: ClientRecipe = {
  speaks: 'Network storages that ask their settings, mostly as yes or no.',

  async submit(session, order) {
    await answer(session, /nas> /, 'setup notify');
    await answerServer(session, order);
    await answer(session, /From which address\? /, order.from);
    await answer(session, /Whom shall I notify\? /, order.to);
    await answer(session, /Prefix for subjects\? /, order.marker);
    await answer(session, /bytes of log\? /, String(order.sizeBytes));
    return tryIt(session, order.mails);
  },

  async fetch(session, order) {
    await answer(session, /nas> /, 'setup mailbox');
    await answerServer(session, order);
    await answer(session, /Kind of mailbox \(imap\/pop\)\? /, order.setting.protocol === 'pop3' ? 'pop' : 'imap');
    return tryIt(session, 1);
  },
};

async function answerServer(session: Session, { host, port, setting, user, password }: Order): Promise<void> {
  const { security } = setting;
  await answer(session, /Name of the server\? /, host);
  await answer(session, /Port\? /, String(port));
  await answer(session, /Encrypt the connection\? .*\] /, security === 'plaintext' ? 'no' : 'yes');
  if (security !== 'plaintext')
    await answer(session, /from the first byte\? .*\] /, security === 'implicit' ? 'yes' : 'no');
  if (security === 'starttls' || security === 'opportunistic')
    await answer(session, /if there is none\? .*\] /, security === 'opportunistic' ? 'yes' : 'no');
  await answer(session, /Account\? /, user);
  await answer(session, /Its password\? /, password, { secret: true });
}

async function tryIt(session: Session, mails: number): Promise<Said> {
  const said = await repeat(mails, async () => {
    await answer(session, TRY, 'yes');
    return hear(session, { sent: /Notification sent\.|Mailbox read: [^\n]*/, failed: /Sorry, [^\n]*/ });
  });
  await answer(session, TRY, 'no');
  return said;
}

export default nasQuestions;
