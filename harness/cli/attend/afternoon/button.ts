import { openPlayedAddress } from '../../../attend/desk/played-address.ts';
import { openSession } from '../../../drivers/open.ts';
import { readRecipe } from '../../../drivers/read-recipe.ts';
import type { Said } from '../../../drivers/recipe.ts';
import type { Session } from '../../../drivers/session.ts';
import { mintPki } from '../../../pki/mint.ts';
import type { Prompt } from '../../../vocabulary/attend.ts';
import type { Device } from '../../../vocabulary/device.ts';
import type { Direction } from '../../../vocabulary/trial.ts';

export interface ButtonOptions {
  readonly device: Device;
  /** Its address on the network, one of 127.0.0.0/8. */
  readonly from: string;
  readonly door: string;
  /** The root of the run as it is now: another one when the harness has made one. PEM. */
  readonly root: () => string;
  readonly signal: AbortSignal;
}

/** One press of a button, of whatever was entered at that time. */
interface Pressed {
  readonly direction: Direction;
  /** Nobody meant to: another device was meant, the port was mistyped, or it was pressed a second time. */
  readonly byMistake: boolean;
}

/** An emulated device with a panel and a button, switched on until it is disposed of: its own later tries go on. */
export interface Button extends AsyncDisposable {
  readonly id: string;
  /** As its panel shows it. */
  readonly address: string;
  readonly presses: readonly Pressed[];
  /** It was given another one. */
  move(address: string): void;
  /** Switches it on and enters what a prompt names; what that leaves out stays as it is. */
  enter(prompt: Prompt): Promise<void>;
  /** "Send a test mail", or fetch. What the panel shows. */
  press(how?: { readonly byMistake?: boolean; readonly mistypedPort?: number }): Promise<Said>;
}

export function openButton(options: ButtonOptions): Button {
  const { device, door, root, signal } = options;
  const entered = new Map<string, string>();
  const presses: Pressed[] = [];
  const opened = new AsyncDisposableStack();
  let address = options.from;
  let on: { readonly session: Session; readonly root: string } | null = null;
  let prompt: Prompt | null = null;
  const read = (name: string): string => entered.get(name) ?? '';
  const switchOff = async (): Promise<void> => {
    const { session } = on ?? {};
    on = null;
    await session?.[Symbol.asyncDispose]();
  };
  /** Switched on; off and on again once another root is put into it. */
  const switchOn = async (): Promise<Session> => {
    const run = root();
    if (on?.root === run) return on.session;
    await switchOff();
    const firmware = device.firmware[0]?.version ?? '';
    // No server of an attended run shows a factory's root: one that nobody signs with will do.
    const roots = { factory: FACTORY_ROOT, run };
    const session = await openSession(device, { firmware, signal, allowPrograms: false, roots });
    on = { session, root: run };
    return session;
  };
  return {
    id: device.id,
    get address() {
      return address;
    },
    presses,
    move(to) {
      address = to;
    },
    async enter(next) {
      prompt = next;
      for (const { name, value } of next.entries) entered.set(name, value);
      await switchOn();
    },
    async press({ byMistake = false, mistypedPort } = {}) {
      if (prompt === null) return NOTHING;
      presses.push({ direction: prompt.direction, byMistake: byMistake || mistypedPort !== undefined });
      const port = mistypedPort ?? Number(read('port'));
      // Its own later tries dial the same, so the address stays until it is switched off.
      const lan = opened.use(await openPlayedAddress(address, { host: door, port }));
      const recipe = await readRecipe(device.client ?? '');
      const order = {
        setting: prompt.setting,
        host: read('host'),
        port: lan.port,
        user: read('user'),
        password: read('password'),
        from: read('sender'),
        to: read('recipient'),
        marker: 'Testmail',
        sizeBytes: 2_000,
        mails: 1,
      };
      try {
        if (prompt.direction === 'send') return await recipe.submit(await switchOn(), order);
        return (await recipe.fetch?.(await switchOn(), order)) ?? NOTHING;
      } catch (fault) {
        // The panel hangs or shows garbage: it is switched off.
        await switchOff();
        signal.throwIfAborted();
        return { ...NOTHING, text: fault instanceof Error ? fault.message : String(fault) };
      }
    },
    async [Symbol.asyncDispose]() {
      await switchOff();
      await opened.disposeAsync();
    },
  };
}

/** Of another PKI than the run's. */
const FACTORY_ROOT = mintPki({ hosts: [], addresses: [] }).factoryRootPem;
const NOTHING: Said = { said: 'nothing', text: '', exitCode: null };
