import type { ClientRecipe, Order, Said } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROMPT = /root@wegweiser:~\$ /;
const TLS = { plaintext: '0', starttls: 'starttls', implicit: 'on_connect', opportunistic: 'may' };
const PROTO = { smtp: 'smtp', imap: 'imap4', pop3: 'pop3' };

/** Stages settings one by one, applies them, starts the service once. */
const routerStore: ClientRecipe = {
  speaks: 'Routers whose settings are staged in a store and then applied.',

  async submit(session, order) {
    await stage(session, order);
    return repeat(order.mails, () => serve(session, 'svc mail report'));
  },

  async fetch(session, order) {
    await stage(session, order);
    return serve(session, 'svc mail poll');
  },
};

async function stage(session: Session, order: Order): Promise<void> {
  const put = (name: string, value: string | number, options = {}) =>
    answer(session, PROMPT, `store put mail.${name} '${value}'`, options);
  await put('proto', PROTO[order.setting.protocol]);
  await put('host', order.host);
  await put('port', order.port);
  await put('tls', TLS[order.setting.security]);
  await put('username', order.user);
  await put('password', order.password, { secret: true });
  await put('from', order.from);
  await put('to', order.to);
  await put('title', order.marker);
  await put('pad', order.sizeBytes);
  await answer(session, PROMPT, 'store apply');
}

async function serve(session: Session, command: string): Promise<Said> {
  await answer(session, PROMPT, command);
  return hear(session, { failed: /maild: error[^\n]*/, sent: /maild: [^\n]*/ });
}

export default routerStore;
