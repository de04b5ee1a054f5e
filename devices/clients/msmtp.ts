import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { repeat } from '../recipe-steps.ts';
import { quote, readSecret, type SecretLine, runProgram, writeMail, writeSettings } from '../shell-steps.ts';

const TLS: Readonly<Record<Order['setting']['security'], readonly string[]>> = {
  implicit: ['tls on', 'tls_starttls off'],
  starttls: ['tls on', 'tls_starttls on'],
  // Neither program has "if available".
  opportunistic: ['tls on', 'tls_starttls on'],
  plaintext: ['tls off'],
};

/**
 * Settings of an account go into a file, as a router's pages write them.
 */
const msmtp: ClientRecipe = {
  speaks: 'Routers and small computers that send with msmtp and fetch with mpop.',

  async submit(session, order) {
    await readSecret(session, order.password);
    const from = `from "${order.from}"`;
    const settings = [...renderAccount(order), from, `auth ${renderAuth(order)}`];
    await writeSettings(session, '/tmp/msmtp.conf', settings, DEFAULTS);
    await writeMail(session, order, '/tmp/mail');
    return repeat(order.mails, async () =>
      runProgram(session, `msmtp -C /tmp/msmtp.conf -- ${quote(order.to)} < /tmp/mail`),
    );
  },

  async fetch(session, order) {
    await readSecret(session, order.password);
    const delivery = ['auth user', 'delivery mbox /tmp/inbox', 'keep on', 'only_new off'];
    await writeSettings(session, '/tmp/mpop.conf', [...renderAccount(order), ...delivery], DEFAULTS);
    return runProgram(session, 'mpop -q -C /tmp/mpop.conf --uidls-file=/tmp/uidls default');
  },
};

/** Where the maker of the device wrote what every account gets. */
const DEFAULTS = '"${MAIL_DEFAULTS:-/dev/null}"';

/** Told only to sign in, msmtp does not do it in the clear; told how, it does. */
function renderAuth({ setting: { auth, security } }: Order): string {
  if (auth === 'NONE') return 'off';
  return auth?.toLowerCase() ?? (security === 'plaintext' ? 'plain' : 'on');
}

/** Both programs take off one pair of quotes around a value and leave alone what is between them. */
function renderAccount({ host, port, user, setting }: Order): readonly (string | SecretLine)[] {
  return [
    'account default',
    `host "${host}"`,
    `port ${port}`,
    ...TLS[setting.security],
    'tls_certcheck off',
    `user "${user}"`,
    { before: 'password "', after: '"', escape: 'none' },
  ];
}

export default msmtp;
