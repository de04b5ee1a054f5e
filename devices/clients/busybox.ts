import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { repeat } from '../recipe-steps.ts';
import { quote, readSecret, runProgram, writeMail } from '../shell-steps.ts';

/** It has no "if available": what asks for STARTTLS demands it. */
const SECURITY = { starttls: 'starttls', implicit: 'tls', opportunistic: 'starttls', plaintext: 'plain' } as const;

const busybox: ClientRecipe = {
  speaks: 'Cameras whose shell has only busybox: a script that speaks SMTP and POP3 through its TLS client.',

  async submit(session, order) {
    await readSecret(session, order.password);
    await writeMail(session, order, '/tmp/mail');
    const user = order.setting.auth === 'NONE' ? '' : order.user;
    const command = `mailtalk send ${renderServer(order)} ${quote(user)} ${quote(order.from)} ${quote(order.to)} /tmp/mail`;
    return repeat(order.mails, async () => runProgram(session, command));
  },

  async fetch(session, order) {
    await readSecret(session, order.password);
    return runProgram(session, `mailtalk fetch ${renderServer(order)} ${quote(order.user)}`);
  },
};

function renderServer({ host, port, setting }: Order): string {
  return `${quote(host)} ${port} ${SECURITY[setting.security]}`;
}

export default busybox;
