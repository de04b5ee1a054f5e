import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PageAssets } from './page-server.ts';

const FOLDER = join(import.meta.dirname, 'page');

/** The agents' page, from its sources. A process of its own strips the types: Node calls that experimental aloud. */
export async function readPageAssets(): Promise<PageAssets> {
  const strip = [...process.execArgv, '--disable-warning=ExperimentalWarning', join(FOLDER, 'strip.ts')];
  const [{ stdout: script }, html, style] = await Promise.all([
    promisify(execFile)(process.execPath, strip, { maxBuffer: 1 << 20 }),
    readFile(join(FOLDER, 'page.html'), 'utf8'),
    readFile(join(FOLDER, 'page.css'), 'utf8'),
  ]);
  return { script, html, style };
}
