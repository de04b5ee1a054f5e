import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { AttendedDevice, AttendView } from '../../vocabulary/attend.ts';

/** For tests: the real `cutover attend`, and a tablet that follows its page. */
export interface TestAttend {
  readonly child: ChildProcess;
  /** The invitation that it printed. */
  readonly url: string;
  /** All that it has said by now. */
  told(): string;
  /** Waits until it has said this. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface TestTablet {
  view(): Promise<AttendView>;
  answer(value: unknown): Promise<number>;
  get(path: string): Promise<Response>;
  /** Waits for a device like this. */
  until(is: (device: AttendedDevice) => boolean): Promise<AttendedDevice>;
}

/** Rejects with all that it said when it ends before it has printed an invitation. */
export async function openTestAttend(args: readonly string[], env: Record<string, string> = {}): Promise<TestAttend> {
  const cli = join(import.meta.dirname, '..', 'cutover.mjs');
  const child = spawn(process.execPath, [cli, 'attend', '--no-html', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let text = '';
  const listeners = new Set<() => void>();
  const heard = (part: unknown) => {
    text += String(part);
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text);
        if (found === null) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
      look();
    });
  const [url] = await says(/http:\/\/\S+key=\S+/);
  return { child, url, told: () => text, says };
}

/** Joins with the invitation, or with the cookie of before a restart. */
export async function openTestTablet(url: string, known?: string): Promise<TestTablet & { readonly cookie: string }> {
  const base = new URL(url).origin;
  const cookie = known ?? (await fetch(url)).headers.get('set-cookie')?.split(';')[0] ?? '';
  const get = (path: string) => fetch(base + path, { headers: { cookie } });
  const view = async (): Promise<AttendView> => {
    const answered: AttendView = await (await get('/view')).json();
    return answered;
  };
  return {
    cookie,
    view,
    get,
    async answer(value) {
      const headers = { cookie, 'content-type': 'application/json' };
      const { status } = await fetch(`${base}/answer`, { method: 'POST', headers, body: JSON.stringify(value) });
      return status;
    },
    async until(is) {
      for (;;) {
        const found = (await view()).devices.find(is);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}
