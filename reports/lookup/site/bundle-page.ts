import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BUNDLER = join(import.meta.dirname, 'bundler.ts');

/** The page's program. The bundler runs in a process of its own: what it takes (85 MB, measured) is given back. */
export async function bundlePage(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BUNDLER], { maxBuffer: 1 << 24 });
  return stdout;
}
