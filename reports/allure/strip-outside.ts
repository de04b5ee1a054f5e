import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessFault } from '../../harness/faults.ts';

/**
 * Makes a generated page ask no host but its own: Allure writes a Google tag into every page, whatever the options.
 * The tag is cut out, and a content security policy forbids the rest, should a later version hide another one.
 *
 * @throws HarnessFault `outside-request` when a trace is left: then the page must not be handed out.
 */
export async function stripOutside(folder: string): Promise<void> {
  for (const name of globSync('**/*.html', { cwd: folder })) {
    const path = join(folder, name);
    const page = (await readFile(path, 'utf8')).replaceAll(GOOGLE_TAG, '').replace(/<head>/i, (head) => head + POLICY);
    await writeFile(path, page);
  }
  for (const name of globSync('**/*.{html,js,mjs,css}', { cwd: folder })) {
    const trace = findOutside(await readFile(join(folder, name), 'utf8'));
    if (trace !== null) throw stillAsks(name, trace);
  }
}

const GOOGLE_TAG =
  /<script async src="https:\/\/www\.googletagmanager\.com[^>]*><\/script>\s*<script>\s*window\.dataLayer[\s\S]*?<\/script>/g;

/** Scripts are inlined as data: in a single file, and blob: is how attachments are opened. */
const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; form-action 'none'">`;

/** The first thing that would load from, or report to, another host; null: none. Links that a person clicks are fine. */
export function findOutside(text: string): string | null {
  const inlined = [...text.matchAll(/data:text\/javascript;base64,([A-Za-z0-9+/=]+)/g)].map(([, code = '']) =>
    Buffer.from(code, 'base64').toString('utf8'),
  );
  const tracker = [text, ...inlined].map((code) => TRACKER.exec(code)?.[0]).find((hit) => hit !== undefined);
  return tracker ?? LOADED.exec(text)?.[0] ?? null;
}

const TRACKER = /googletagmanager|google-analytics|\bgtag\(|\bdataLayer\b/;

/** Elements that load by themselves, and style sheets that import or fetch. */
const LOADED =
  /<(?:script|link|img|iframe|source|video|audio|embed|object|base)\b[^>]*?(?:src|href|data)\s*=\s*["']?(?:https?:)?\/\/[^>\s"']+|@import\s+(?:url\()?["']?(?:https?:)?\/\/[^"')]+|url\(\s*["']?(?:https?:)?\/\/[^"')]+/i;

function stillAsks(file: string, trace: string): HarnessFault {
  return new HarnessFault('outside-request', `The page ${file} would ask another host: ${trace.slice(0, 200)}`, {
    advice:
      'The Allure page is not written. Its version may have changed how it embeds trackers: see strip-outside.ts.',
    stage: 'report',
  });
}
