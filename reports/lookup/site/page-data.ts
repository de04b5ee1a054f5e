/// <reference lib="dom" />
import type { Detail, ErrorEntry, SiteIndex } from './site-data.ts';

/** The names under which data files leave their data: scripts, because a page under file:// may not fetch. */
declare global {
  var cutoverIndex: SiteIndex | undefined;
  var cutoverErrors: readonly ErrorEntry[] | undefined;
  var cutoverDevice: (detail: Detail) => void;
}

export type Loaded = { readonly kind: 'loaded'; readonly detail: Detail } | { readonly kind: 'missing' | 'unreadable' };

/** The index's script stands before ours in the page. */
export function readIndex(): SiteIndex | null {
  return globalThis.cutoverIndex ?? null;
}

/** What devices show: asked for after the page is there, because few look for it. None while it is on its way. */
export async function loadErrors({ build }: SiteIndex): Promise<readonly ErrorEntry[]> {
  await runScript(`data/errors.js?${build}`);
  return globalThis.cutoverErrors ?? [];
}

const loaded = new Map<string, Promise<Loaded>>();

/** Details of one device, asked for once. */
export function loadDetail(index: SiteIndex, id: string): Promise<Loaded> {
  if (!index.rows.some((row) => row.id === id)) return Promise.resolve({ kind: 'missing' });
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const loading = load(index, id);
  loaded.set(id, loading);
  return loading;
}

async function load(index: SiteIndex, id: string): Promise<Loaded> {
  await runScript(`data/devices/${encodeURIComponent(id)}.js?${index.build}`);
  const detail = arrived.get(id);
  arrived.delete(id);
  if (detail !== undefined) return { kind: 'loaded', detail };
  loaded.delete(id);
  return { kind: 'unreadable' };
}

/** Resolves once it has run, or could not be had. */
function runScript(src: string): Promise<void> {
  return new Promise((done) => {
    const script = document.createElement('script');
    script.src = src;
    for (const event of ['load', 'error']) script.addEventListener(event, () => (script.remove(), done()));
    document.head.append(script);
  });
}

const arrived = new Map<string, Detail>();
globalThis.cutoverDevice = (detail) => void arrived.set(detail.device.id, detail);
