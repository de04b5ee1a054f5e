import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { repeat } from '../recipe-steps.ts';
import { backslash, readSecret, runProgram, type SecretLine, writeMail, writeSettings } from '../shell-steps.ts';

/** `--ssl` goes on in the clear where no STARTTLS is offered. */
const TLS = { starttls: ['ssl-reqd'], implicit: [], opportunistic: ['ssl'], plaintext: [] } as const;

const curl: ClientRecipe = {
  speaks: 'Scripts that send and fetch mail with curl.',

  async submit(session, order) {
    await readSecret(session, order.password);
    const mail = [
      `mail-from = "${backslash(order.from)}"`,
      `mail-rcpt = "${backslash(order.to)}"`,
      'upload-file = "/tmp/mail"',
    ];
    await writeSettings(session, '/tmp/curl.conf', [...renderServer(order, ''), ...mail]);
    await writeMail(session, order, '/tmp/mail');
    return repeat(order.mails, async () => runProgram(session, CURL));
  },

  async fetch(session, order) {
    await readSecret(session, order.password);
    const newest = order.setting.protocol === 'imap' ? 'INBOX/;MAILINDEX=1' : '1';
    await writeSettings(session, '/tmp/curl.conf', [...renderServer(order, newest), 'output = "/tmp/inbox"']);
    return runProgram(session, CURL);
  },
};

const CURL = 'curl -sS --insecure -K /tmp/curl.conf';

function renderServer({ host, port, setting, user }: Order, path: string): readonly (string | SecretLine)[] {
  const scheme = `${setting.protocol}${setting.security === 'implicit' ? 's' : ''}`;
  const secret: SecretLine = { before: `user = "${backslash(user)}:`, after: '"', escape: 'backslash' };
  const login = setting.auth === 'NONE' ? [] : [secret];
  return [`url = "${backslash(`${scheme}://${host}:${port}/${path}`)}"`, 'globoff', ...TLS[setting.security], ...login];
}

export default curl;
