import { X509Certificate } from 'node:crypto';
import { html, type Markup } from '../../../reports/html.ts';
import { type Instruction, type Led, renderInstructions } from '../../names/instructions.ts';
import type { ServedFile } from '../../attend/desk/page-server.ts';

/** What the page offers beside itself: how names lead a device here, and the root that devices are to be given. */
export function renderGuides({
  led,
  runCaPem,
}: {
  readonly led: Led | null;
  readonly runCaPem: string | null;
}): readonly ServedFile[] {
  const names: readonly ServedFile[] =
    led === null ? [] : [{ path: NAMES, type: 'text/html; charset=utf-8', bytes: Buffer.from(renderNames(led).text) }];
  return runCaPem === null ? names : [...names, ...rootFiles(runCaPem)];
}

/** The root as devices take it: most panels want DER, most computers PEM. RFC 7468; application/x-x509-ca-cert. */
function rootFiles(pem: string): readonly ServedFile[] {
  const type = 'application/x-x509-ca-cert';
  return [
    { path: '/run-ca.crt', type, bytes: new X509Certificate(pem).raw, fileName: 'cutover-run-ca.crt' },
    { path: '/run-ca.pem', type: 'application/x-pem-file', bytes: Buffer.from(pem), fileName: 'cutover-run-ca.pem' },
  ];
}

const NAMES = '/names';

function renderNames(led: Led): Markup {
  const instructions = renderInstructions(led);
  const inLanguage = (
    language: 'de' | 'en',
    title: string,
    why: string,
  ) => html`<section lang="${language}"><h2>${title}</h2><p>${why}</p>
${instructions.map((instruction) => renderWay(instruction, language))}</section>`;
  return html`<!doctype html>
<html lang="de"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Cutover</title><link rel="stylesheet" href="/attend.css"></head>
<body><div id="app"><header><div class="bar"><h1>Cutover</h1></div></header><main><p><a href="/">← Geräte / devices</a></p>
${inLanguage('de', 'So findet ein Gerät den Testserver', 'Im Gerät bleibt der Name des Postausgangs- oder Posteingangsservers stehen. Damit er zum Testserver führt, gehen Sie einen dieser Wege. Welcher der Netzwerkbetreuung recht ist, klären Sie bitte vorher.')}
${inLanguage('en', 'How a device finds the test server', 'The name of the mail server stays in the device. To make it lead to the test server, take one of these ways. Please ask the people who run the network first which one they prefer.')}
</main></div></body></html>`;
}

function renderWay({ title, steps }: Instruction, language: 'de' | 'en'): Markup {
  return html`<h3>${title[language]}</h3><ol>${steps.map((step) => html`<li>${step[language]}</li>`)}</ol>`;
}
