import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../../reports/fixtures/browser.ts';
import { describeAttempt } from '../cli/check-words.ts';
import { openPageServer } from './page-server.ts';
import { readPageAssets } from './page-assets.ts';
import { openTestHost } from './open-test-host.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS });

test('an agent makes a code, sees old TLS, assigns it, and sees what works', async ({ skip }) => {
  skip(CHROMIUM === null, NO_CHROMIUM);
  await using t = await openTestHost({}, describeAttempt);
  const assets = await readPageAssets();
  await using server = await openPageServer({ host: t.host, assets, listen: '127.0.0.1', port: 0 });
  await using browser = await chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'de-DE' });
  const page = await context.newPage();
  const faults: string[] = [];
  const outside: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  const address = server.invite();
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(address).origin)) outside.push(request.url());
  });
  await page.goto(address);
  await page.getByLabel('Notiz').fill('<img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Code erzeugen' }).click();
  const code = (await page.locator('.code').textContent())!.replace(' ', '');
  expect(await page.getByRole('heading', { level: 2 }).textContent()).toContain('<img src=x');

  const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  await t.converseTls(465, '', '127.0.0.7', old);
  await t.converse(587, 'EHLO <b>drucker</b>\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n', '127.0.0.7');
  await page.getByText('Veraltete TLS-Version – wahrscheinlich').waitFor();
  await page.getByText('EHLO <b>drucker</b>').waitFor();
  await page.getByText('Verschlüsselung: SSL/TLS').first().waitFor();
  await page.getByRole('button', { name: 'Das ist das Gerät dieses Kunden' }).last().click();
  await page.getByText('Veraltete TLS-Version – von Ihnen zugeordnet').waitFor();
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, 'check-phone.png'), fullPage: true });
  expect((await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.help}`)).toEqual([]);

  // Later than any retry: a press of its own.
  t.clock += 60_000;
  await t.sendMail(code, '127.0.0.7');
  await page.getByText('Funktioniert: verschlüsselt und angemeldet').waitFor();
  await page.getByText('gleiche Adresse wie zuvor').first().waitFor();
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('Works: encrypted and signed in').waitFor();
  await page.screenshot({ path: join(SCREENSHOTS, 'check-tablet.png'), fullPage: true });
  expect((await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.help}`)).toEqual([]);
  expect({ faults, outside }).toEqual({ faults: [], outside: [] });
});
