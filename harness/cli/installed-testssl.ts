import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type ListRead, readTestsslList } from '../corpus/import/read-testssl.ts';
import { TESTSSL_LISTS } from '../corpus/import/testssl-lists.ts';

/** The client list of an installed testssl.sh, read where it is and never copied; null: it is not installed. */
export function readInstalledTestssl(
  places: readonly string[] = TESTSSL_LISTS,
): (ListRead & { readonly path: string }) | null {
  const path = places.find((one) => existsSync(one));
  if (path === undefined) return null;
  const on = statSync(path).mtime.toISOString().slice(0, 10);
  return { path, ...readTestsslList(readFileSync(path, 'utf8'), { on, file: basename(path) }) };
}
