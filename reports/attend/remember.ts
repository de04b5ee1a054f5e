/// <reference lib="dom" />

const NAME = 'cutover-attend-name';
const OPENED = 'cutover-attend-opened';

/** Name of the person at this tablet; "" until it was asked for. */
export function rememberedName(): string {
  return read(NAME).slice(0, 40);
}

export function rememberName(name: string): void {
  write(NAME, name);
}

/** Devices that were open when the page was left. */
export function rememberedOpened(run: string): readonly string[] {
  const [of, ...ids] = read(OPENED).split('\n');
  return of === run ? ids.filter((id) => id !== '') : [];
}

export function rememberOpened(run: string, ids: readonly string[]): void {
  write(OPENED, [run, ...ids].join('\n'));
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing asks again after the next visit.
  }
}
