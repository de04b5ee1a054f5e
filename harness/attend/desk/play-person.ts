import { openSession } from '../../drivers/open.ts';
import { readRecipe } from '../../drivers/read-recipe.ts';
import type { Said } from '../../drivers/recipe.ts';
import type { Prompt } from '../../vocabulary/attend.ts';
import type { Device } from '../../vocabulary/device.ts';
import { openPlayedAddress } from './played-address.ts';

export interface PlayedPress {
  readonly device: Device;
  readonly prompt: Prompt;
  /** What was entered before, by the name of its entry: a person enters only what a prompt changes. */
  readonly entered: Map<string, string>;
  /** The device's address, one of 127.0.0.0/8. */
  readonly from: string;
  /** Address of the door. */
  readonly door: string;
  readonly roots: { readonly factory: string; readonly run: string };
  readonly signal: AbortSignal;
}

/**
 * A person who does at an emulated device what the page says: enters what it names, and has the device send or fetch.
 * For tests and the simulation; a real one has the panel for it.
 */
export async function playPress(played: PlayedPress): Promise<Said> {
  const { device, prompt, entered, roots, signal } = played;
  for (const { name, value } of prompt.entries) entered.set(name, value);
  const read = (name: string) => entered.get(name) ?? '';
  const recipe = await readRecipe(device.client ?? '');
  const firmware = device.firmware[0]?.version ?? '';
  await using address = await openPlayedAddress(played.from, { host: played.door, port: Number(read('port')) });
  await using session = await openSession(device, { firmware, signal, allowPrograms: false, roots });
  const order = {
    setting: prompt.setting,
    host: read('host'),
    port: address.port,
    user: read('user'),
    password: read('password'),
    from: read('sender'),
    to: read('recipient'),
    // A test mail of a device's own says nothing of this kind.
    marker: 'Testmail',
    sizeBytes: 2_000,
    mails: 1,
  };
  // Awaited here: the console closes when this function is left.
  if (prompt.direction === 'send') return await recipe.submit(session, order);
  return (await recipe.fetch?.(session, order)) ?? { said: 'nothing', text: '', exitCode: null };
}
