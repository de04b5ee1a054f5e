/**
 * Rows as CSV (RFC 4180: comma, CRLF, quotes doubled), with a byte order mark: without it Excel reads UTF-8 as
 * Windows-1252 and shows "TÃ¼rstation". The comma stays also for Germany, where Excel splits on semicolons when a file
 * is double-clicked: programs read this file too, and Data > From Text/CSV recognises both.
 */
export function renderCsv(rows: readonly (readonly string[])[]): string {
  return `\uFEFF${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A cell that begins so is run as a formula by spreadsheets (OWASP, "CSV injection"); full-width forms count too. */
const FORMULA = /^[\s]*[=+\-@\t\r＝＋－＠]/;
