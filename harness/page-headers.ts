/** Headers of a page that loads nothing but its own script and style. `more`: further directives of its policy. */
export function pageHeaders(...more: readonly string[]): Readonly<Record<string, string>> {
  const policy = [...POLICY, ...more].join('; ');
  return { ...HEADERS, 'content-security-policy': policy };
}

/** Content Security Policy Level 3. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

const HEADERS = {
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
