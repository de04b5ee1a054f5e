/** How long a measurement, or a source that was read, is believed. */
const EXPIRY_DAYS = 365;

/** The last day (YYYY-MM-DD) on which what was found on `iso` (a day or a time) is believed. */
export function lastDayOf(iso: string): string {
  return new Date(Date.parse(iso) + EXPIRY_DAYS * 86_400_000).toISOString().slice(0, 10);
}
