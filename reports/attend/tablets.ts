import { mkdir } from 'node:fs/promises';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { BROWSER_TEST_MS, SCREENSHOTS } from '../fixtures/browser.ts';
import { bundleAttendPage } from './bundle-attend-page.ts';
import { type StandInDesk, startStandInDesk } from './stand-in-desk.ts';

export const PHONE = { width: 390, height: 844 };
export const TABLET = { width: 820, height: 1180 };

export const INVITATION = {
  url: 'http://192.168.0.10:8080/join?key=abc',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1H0z"/></svg>',
};

interface Tablet extends AsyncDisposable {
  readonly page: Page;
  /** Errors of the page's scripts, of its policy, and requests to other hosts. */
  readonly faults: readonly string[];
  readonly text: (selector?: string) => Promise<string>;
}

interface TabletOptions extends BrowserContextOptions {
  /** "" leaves the page at the question for it. */
  readonly name?: string;
  readonly lang?: 'de' | 'en';
  /** Its clocks are the test's: `page.clock.fastForward` is a lid that was closed. */
  readonly hasLid?: boolean;
  /** ISO time that the tablet's own clock shows at the beginning. */
  readonly clock?: string;
}

/** People's tablets for the tests of the page: one browser, a context for each person. */
export interface Tablets extends AsyncDisposable {
  startDesk(): Promise<StandInDesk>;
  open(desk: StandInDesk, options?: TabletOptions): Promise<Tablet>;
  /** By the address that is printed, or stands in the QR code. */
  join(address: string, options?: TabletOptions): Promise<Tablet>;
}

export async function openTablets(executablePath: string): Promise<Tablets> {
  const [bundle, browser] = await Promise.all([
    bundleAttendPage(),
    chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] }),
    mkdir(SCREENSHOTS, { recursive: true }),
  ]);

  async function join(
    address: string,
    { name = 'Anna', clock, hasLid = false, ...options }: TabletOptions = {},
  ): Promise<Tablet> {
    const { origin } = new URL(address);
    const context = await browser.newContext({ viewport: PHONE, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(BROWSER_TEST_MS / 8);
    const faults: string[] = [];
    page.on('pageerror', (e) => faults.push(e.message));
    // Browsers ask for an icon by themselves; the desk has none.
    const isIcon = (url: string) => url.endsWith('/favicon.ico');
    page.on('console', (m) => m.type() === 'error' && !isIcon(m.location().url) && faults.push(m.text()));
    page.on('request', (r) => r.url().startsWith(origin) || r.url().startsWith('blob:') || faults.push(r.url()));
    if (hasLid) await page.clock.install();
    if (clock !== undefined) await context.addInitScript(setClock, Date.parse(clock));
    await page.goto(address);
    if (name !== '') {
      await page.fill('#name', name);
      await page.keyboard.press('Enter');
      await page.locator('#list .row, #list p').first().waitFor();
    }
    return {
      page,
      faults,
      text: (selector = 'main') => page.locator(selector).innerText(),
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  return {
    startDesk: () => startStandInDesk(bundle, INVITATION),
    open: ({ origin }, options = {}) => join(`${origin}/?lang=${options.lang ?? 'de'}`, options),
    join,
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Runs in the page: a tablet's clock that is wrong, and goes on. */
function setClock(start: number): void {
  const offset = start - Date.now();
  const real = Date;
  globalThis.Date = new Proxy(real, {
    construct: (target, args) =>
      args.length === 0 ? new target(target.now() + offset) : Reflect.construct(target, args),
    get: (target, key) => (key === 'now' ? () => target.now() + offset : Reflect.get(target, key)),
  });
}
