import { html } from '../html.ts';

/** Own files and the desk's own addresses only. `blob:` for the QR code, which is shown as an image. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The page as it is served. Its program fills it. */
export function renderShell(): string {
  return `<!doctype html>\n${
    html`<html lang="de"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Geräte prüfen</title>
<link rel="stylesheet" href="/attend.css">
<script defer src="/attend.js"></script>
</head><body><div id="app"><noscript><p class="banner">Diese Seite braucht JavaScript.</p><p class="banner" lang="en">This page needs JavaScript.</p></noscript></div></body></html>`
      .text
  }\n`;
}
