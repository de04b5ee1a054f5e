import { html } from '../../html.ts';

/** Nothing but own files: no inline script or style, no other host, no frame, no form target. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

/** The page as it is served. The program fills it; without JavaScript it says where the data is. */
export function renderIndexPage(build: string): string {
  return `<!doctype html>\n${
    html`<html lang="de"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Geräte-Auskunft</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="lookup.css?${build}">
<script defer src="data/index.js?${build}"></script>
<script defer src="lookup.js?${build}"></script>
</head><body><div id="app"><noscript><p class="banner">Diese Seite braucht JavaScript. Die Angaben je Gerät stehen auch als JSON im Ordner data/devices.</p><p class="banner" lang="en">This page needs JavaScript. The details of each device are also in the folder data/devices, as JSON.</p></noscript></div></body></html>`
      .text
  }\n`;
}
