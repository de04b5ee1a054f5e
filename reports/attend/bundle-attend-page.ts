import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleScript } from '../bundle-script.ts';
import { renderShell } from './render-shell.ts';

/** Served as `/`, `/attend.js` and `/attend.css`; the three ask for nothing else but the desk's own addresses. */
export interface AttendPage {
  readonly html: string;
  readonly js: string;
  readonly css: string;
}

/** The page of attended runs. */
export async function bundleAttendPage(): Promise<AttendPage> {
  const [js, css] = await Promise.all([
    bundleScript(join(import.meta.dirname, 'page.ts')),
    readFile(join(import.meta.dirname, 'attend.css'), 'utf8'),
  ]);
  return { html: renderShell(), js, css };
}
