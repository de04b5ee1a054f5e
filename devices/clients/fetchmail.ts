import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { hex, readSecret, runProgram, writeSettings } from '../shell-steps.ts';

/** fetchmail asks for STARTTLS where `ssl` is off, and with a version named in `sslproto` it demands it. */
const TLS: Readonly<Record<Order['setting']['security'], string>> = {
  implicit: 'ssl no sslcertck',
  starttls: "sslproto 'auto' no sslcertck",
  opportunistic: 'no sslcertck',
  plaintext: "sslproto ''",
};

const fetchmail: ClientRecipe = {
  speaks: 'Small servers that collect mail with fetchmail.',

  async submit() {
    throw new LabFault('no-submit', 'fetchmail does not send', { stage: 'order' });
  },

  async fetch(session, order) {
    await readSecret(session, order.password);
    const { host, port, setting, user } = order;
    const account = `poll "${hex(host)}" protocol ${setting.protocol} port ${port} auth password`;
    await writeSettings(session, '/tmp/fetchmailrc', [
      account,
      {
        before: `user "${hex(user)}" password "`,
        after: `" ${TLS[setting.security]} keep fetchall mda "cat > /tmp/inbox"`,
        escape: 'hex',
      },
    ]);
    return runProgram(session, 'fetchmail -f /tmp/fetchmailrc --nosyslog --pidfile /tmp/fetchmail.pid');
  },
};

export default fetchmail;
