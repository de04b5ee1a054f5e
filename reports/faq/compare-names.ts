/** German order (ä beside a) suits both pages; numbers by value, so that MFP 9 comes before MFP 10. */
export function compareNames(a: string, b: string): number {
  return ORDER.compare(a, b);
}

const ORDER = new Intl.Collator('de', { numeric: true });
