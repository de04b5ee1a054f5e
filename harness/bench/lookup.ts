/// <reference lib="dom" />
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../../reports/fixtures/browser.ts';
import type { Figure } from './bench.ts';

const DEVICES = 5_000;
const BUILD = join(import.meta.dirname, 'lookup-build.ts');
/** As people type, against generated names; the median of all counts. */
const QUERIES = [
  'laserjt 4711',
  'kamera 77',
  'werk 250',
  'fritzbox',
  'tuerstation',
  'nordlicht fax',
  'drucker 12',
  'zzz',
];
const OPENINGS = 5;
const QUIET_MS = 2_000;

/**
 * The lookup page over 5,000 generated devices: built in a process of its own, then opened from the disk in Chromium.
 * Usable is when the list is there and the search box takes a word, counted from the start of the navigation.
 */
export async function benchLookup(): Promise<readonly Figure[]> {
  const out = mkdtempSync(join(tmpdir(), 'cutover-bench-lookup-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [BUILD, out, String(DEVICES)]);
    const built: { readonly seconds: number; readonly peakMegabytes: number } = JSON.parse(stdout);
    const site = join(out, 'lookup');
    const first = ['index.html', 'lookup.css', 'lookup.js', 'icon.svg', 'data/index.js'];
    const bytes = first.reduce((sum, file) => sum + gzipSync(readFileSync(join(site, file))).length, 0);
    const files = readdirSync(join(site, 'data', 'devices')).length;
    if (files !== 2 * DEVICES) throw new Error(`the site has ${files} files of devices, not ${2 * DEVICES}`);
    return [
      { name: `lookup, ${DEVICES} devices: built`, value: built.seconds, unit: 's', limit: { atMost: 10 } },
      { name: 'lookup: peak memory of building', value: built.peakMegabytes, unit: 'MB', limit: { atMost: 500 } },
      { name: 'lookup: first load, compressed', value: bytes / 1_000, unit: 'kB', limit: { atMost: 300 } },
      ...(await benchPage(join(site, 'index.html'))),
    ];
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Nothing where there is no browser. */
async function benchPage(file: string): Promise<readonly Figure[]> {
  if (CHROMIUM === null) return [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const usable: number[] = [];
    const searches: number[] = [];
    for (let i = 0; i < OPENINGS; i += 1) {
      const page = await browser.newPage();
      // A browser that has just been started is busy with pages of its own; a person's is not.
      await page.waitForTimeout(QUIET_MS);
      await page.goto(pathToFileURL(file).href, { waitUntil: 'commit' });
      // Looking for the list from outside would take its time from the page.
      await page.waitForTimeout(QUIET_MS);
      usable.push(await page.evaluate(usableAt));
      searches.push(...(await page.evaluate(typeAll, QUERIES)));
      await page.close();
    }
    return [
      { name: 'lookup: page usable, median', value: median(usable), unit: 'ms', limit: { atMost: 500 } },
      { name: 'lookup: a search with its list, median', value: median(searches), unit: 'ms', limit: { atMost: 50 } },
      { name: 'lookup: slowest search (the first makes the index)', value: Math.max(...searches), unit: 'ms' },
    ];
  } finally {
    await browser.close();
  }
}

/** Runs in the page: list and search box are there, and painted. A look from outside takes longer than the page itself. */
function usableAt(): number {
  const names = ['cutover-usable', 'first-contentful-paint'];
  return Math.max(...names.map((name) => performance.getEntriesByName(name)[0]?.startTime ?? Infinity));
}

/** Runs in the page: types each query as a whole, and lets the browser lay the list out. */
function typeAll(queries: readonly string[]): number[] {
  const search = document.querySelector<HTMLInputElement>('#search');
  if (search === null) throw new Error('the page has no search box');
  return queries.map((query) => {
    const begin = performance.now();
    search.value = query;
    search.dispatchEvent(new Event('input', { bubbles: true }));
    document.querySelector('#list')?.getBoundingClientRect();
    return performance.now() - begin;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
