import { FACTORY_SETTINGS, type Dialect } from '../console/dialect.ts';
import { portField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';

/** A smart-home bridge for machines: one JSON object a line in, one out, no prompt but a question mark, no echo of secrets. */
const bridgeJson: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('{"bridge":"haus-1","api":3}\n');
  await takeCommands(
    terminal,
    () => '? ',
    async (line) => {
      const request = parseRequest(line);
      if (request === null) await say({ error: 'syntax' });
      else if (request['do'] === 'close') return 'leave';
      else if (request['do'] === 'notify') {
        const { ok, stage, text } = await carry(order);
        await say(ok ? { notified: true } : { notified: false, at: stage, detail: text });
      } else {
        const wrong = Object.keys(request).filter(
          (name) => setField(FIELDS, order, name, request[name] ?? '') === null,
        );
        for (const name in request) order = setField(FIELDS, order, name, request[name] ?? '') ?? order;
        await say(wrong.length === 0 ? { stored: Object.keys(request).length } : { error: wrong });
      }
      return 'stay';
    },
  );

  async function say(value: unknown) {
    await terminal.print(`${JSON.stringify(value)}\n`);
  }
};

const FIELDS: Fields = {
  server: (host) => ({ host }),
  port: portField,
  transport: securityField({ plaintext: 'tcp', implicit: 'tls', starttls: 'tcp+tls', opportunistic: 'tcp(+tls)' }),
  login: (user) => ({ user }),
  secret: (password) => ({ password }),
  from: (from) => ({ from }),
  to: (to) => ({ to }),
  title: (subject) => ({ subject }),
  bytes: sizeField,
};

/** Flat objects of strings only. */
function parseRequest(line: string): Readonly<Record<string, string>> | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, String(content)]));
  } catch {
    return null;
  }
}

export default bridgeJson;
