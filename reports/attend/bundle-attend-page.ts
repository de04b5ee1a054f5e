import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { renderShell } from './render-shell.ts';

/** Served as `/`, `/attend.js` and `/attend.css`; the three ask for nothing else but the desk's own addresses. */
export interface AttendPage {
  readonly html: string;
  readonly js: string;
  readonly css: string;
}

/** The page of attended runs. The bundler runs in a process of its own: what it takes (85 MB, measured) is given back. */
export async function bundleAttendPage(): Promise<AttendPage> {
  const [script, css] = await Promise.all([
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bundler.ts')], { maxBuffer: 1 << 24 }),
    readFile(join(import.meta.dirname, 'attend.css'), 'utf8'),
  ]);
  return { html: renderShell(), js: script.stdout, css };
}
