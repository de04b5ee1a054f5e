import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BUNDLER = join(import.meta.dirname, 'bundler.ts');

/** The program of `page` (a path). The bundler runs in a process of its own: what it takes (85 MB, measured) is given back. */
export async function bundleScript(page: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BUNDLER, page], { maxBuffer: 1 << 24 });
  return stdout;
}
