/// <reference lib="dom" />
import type { Detail, SiteIndex } from './site-data.ts';

/** The names under which data files leave their data: scripts, because a page under file:// may not fetch. */
declare global {
  var cutoverIndex: SiteIndex | undefined;
  var cutoverDevice: (detail: Detail) => void;
}

export type Loaded = { readonly kind: 'loaded'; readonly detail: Detail } | { readonly kind: 'missing' | 'unreadable' };

/** The index's script stands before ours in the page. */
export function readIndex(): SiteIndex | null {
  return globalThis.cutoverIndex ?? null;
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
  const detail = await new Promise<Detail | null>((done) => {
    const script = document.createElement('script');
    script.src = `data/devices/${encodeURIComponent(id)}.js?${index.build}`;
    waiting.set(id, done);
    script.addEventListener('load', () => done(null));
    script.addEventListener('error', () => done(null));
    script.addEventListener('load', () => script.remove());
    document.head.append(script);
  });
  waiting.delete(id);
  if (detail !== null) return { kind: 'loaded', detail };
  loaded.delete(id);
  return { kind: 'unreadable' };
}

const waiting = new Map<string, (detail: Detail) => void>();
globalThis.cutoverDevice = (detail) => waiting.get(detail.device.id)?.(detail);
