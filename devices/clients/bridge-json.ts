import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROMPT = /^\? /m;
const TRANSPORT = { plaintext: 'tcp', implicit: 'tls', starttls: 'tcp+tls', opportunistic: 'tcp(+tls)' };

/** One JSON object with the settings, one with the secret, one with the order. */
const bridgeJson: ClientRecipe = {
  speaks: 'Smart-home bridges that take one JSON object a line.',

  async submit(session, order) {
    const settings = {
      server: order.host,
      port: String(order.port),
      transport: TRANSPORT[order.setting.security],
      login: order.user,
      from: order.from,
      to: order.to,
      title: order.marker,
      bytes: String(order.sizeBytes),
    };
    for (const [request, secret] of [[settings, false] as const, [{ secret: order.password }, true] as const]) {
      await answer(session, PROMPT, JSON.stringify(request), { secret });
      const { hit } = await session.expect({ stored: /^\{"stored":\d+\}/m, refused: /^\{"error":/m });
      if (hit === 'refused')
        throw new LabFault('console-refused', 'the bridge did not take its settings', { stage: 'order' });
    }
    return repeat(order.mails, async () => {
      await answer(session, PROMPT, '{"do":"notify"}');
      return hear(session, { sent: /^\{"notified":true\}/m, failed: /^\{"notified":false[^\n]*/m });
    });
  },
};

export default bridgeJson;
