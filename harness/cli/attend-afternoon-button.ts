import { openPlayedAddress } from '../attend/desk/played-address.ts';
import { openSession } from '../drivers/open.ts';
import { readRecipe } from '../drivers/read-recipe.ts';
import type { Said } from '../drivers/recipe.ts';
import type { Session } from '../drivers/session.ts';
import type { Prompt } from '../vocabulary/attend.ts';
import type { Device } from '../vocabulary/device.ts';

export interface ButtonOptions {
  readonly device: Device;
  /** Its address on the network, one of 127.0.0.0/8. */
  readonly from: string;
  readonly door: string;
  /** What it can know of roots now: the run's change when the harness restarts. */
  readonly roots: () => { readonly factory: string; readonly run: string };
  readonly signal: AbortSignal;
}

/** An emulated device with a panel and a button, switched on until it is disposed of: its own later tries go on. */
export interface Button extends AsyncDisposable {
  readonly id: string;
  /** As its panel shows it. */
  readonly address: string;
  /** Enters what a prompt names; what it leaves out stays as it is. */
  enter(prompt: Prompt): void;
  /** "Send a test mail", or fetch; with another port than was entered, as a person mistypes it. What the panel shows. */
  press(mistypedPort?: number): Promise<Said>;
}

export function openButton({ device, from, door, roots, signal }: ButtonOptions): Button {
  const entered = new Map<string, string>();
  const opened = new AsyncDisposableStack();
  let on: { readonly session: Session; readonly run: string } | null = null;
  let prompt: Prompt | null = null;
  const read = (name: string): string => entered.get(name) ?? '';
  /** Switched on, or off and on again once the run's certificate is another. */
  const session = async (): Promise<Session> => {
    const known = roots();
    if (on?.run === known.run) return on.session;
    await on?.session[Symbol.asyncDispose]();
    const firmware = device.firmware[0]?.version ?? '';
    on = {
      session: await openSession(device, { firmware, signal, allowPrograms: false, roots: known }),
      run: known.run,
    };
    return on.session;
  };
  return {
    id: device.id,
    address: from,
    enter(next) {
      prompt = next;
      for (const { name, value } of next.entries) entered.set(name, value);
    },
    async press(mistypedPort) {
      if (prompt === null) return NOTHING;
      const port = mistypedPort ?? Number(read('port'));
      const address = opened.use(await openPlayedAddress(from, { host: door, port }));
      const recipe = await readRecipe(device.client ?? '');
      const order = {
        setting: prompt.setting,
        host: read('host'),
        port: address.port,
        user: read('user'),
        password: read('password'),
        from: read('sender'),
        to: read('recipient'),
        marker: 'test mail',
        sizeBytes: 2_000,
        mails: 1,
      };
      try {
        if (prompt.direction === 'send') return await recipe.submit(await session(), order);
        return (await recipe.fetch?.(await session(), order)) ?? NOTHING;
      } catch {
        // The panel hangs or shows garbage: it is switched off.
        await on?.session[Symbol.asyncDispose]();
        on = null;
        return NOTHING;
      }
    },
    async [Symbol.asyncDispose]() {
      await on?.session[Symbol.asyncDispose]();
      await opened.disposeAsync();
    },
  };
}

const NOTHING: Said = { said: 'nothing', text: '', exitCode: null };
