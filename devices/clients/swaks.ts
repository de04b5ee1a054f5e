import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { repeat } from '../recipe-steps.ts';
import { readSecret, runProgram, type SecretLine, writeMail, writeSettings } from '../shell-steps.ts';

const TLS: Readonly<Record<Order['setting']['security'], readonly string[]>> = {
  implicit: ['--tls-on-connect'],
  starttls: ['--tls'],
  opportunistic: ['--tls-optional'],
  plaintext: [],
};

const swaks: ClientRecipe = {
  speaks: 'Monitoring scripts that send with swaks.',

  async submit(session, order) {
    await readSecret(session, order.password);
    const { host, port, setting, user, from, to } = order;
    const secret: SecretLine = { before: '--auth-password ', after: '', escape: 'none' };
    const login = setting.auth === 'NONE' ? [] : ['--auth', `--auth-user ${user}`, secret];
    const server = [`--server ${host}`, `--port ${port}`, `--from ${from}`, `--to ${to}`, '--data @/tmp/mail'];
    await writeSettings(session, '/tmp/swaks.conf', [...server, ...TLS[setting.security], ...login]);
    await writeMail(session, order, '/tmp/mail');
    // Its dialogue has the password in base64, as PLAIN does.
    return repeat(order.mails, async () => runProgram(session, 'swaks --config /tmp/swaks.conf --hide-all 2>&1'));
  },
};

export default swaks;
