import type { Security } from '../../../harness/vocabulary/trial.ts';
import type { MailOrder } from './dialect.ts';

/** What a typed value changes; null when it is no good. */
export type Field = (value: string) => Partial<MailOrder> | null;

/** The settings of a dialect, by the names it gives them. */
export type Fields = Readonly<Record<string, Field>>;

/** Applies one setting; null: no such name, or no such value. */
export function setField(fields: Fields, order: MailOrder, name: string, value: string): MailOrder | null {
  const change = Object.hasOwn(fields, name) ? (fields[name]?.(value) ?? null) : null;
  return change === null ? null : { ...order, ...change };
}

export const portField: Field = (value) => (isNumber(value) ? { port: Number(value) } : null);

export const sizeField: Field = (value) => (isNumber(value) ? { sizeBytes: Number(value) } : null);

/** `words`: what the device calls each kind of protection. */
export function securityField(words: Readonly<Record<Security, string>>): Field {
  const kinds: readonly Security[] = ['plaintext', 'starttls', 'implicit', 'opportunistic'];
  return (value) => {
    const security = kinds.find((kind) => words[kind] === value);
    return security === undefined ? null : { security };
  };
}

/** `words`: what the device calls the two ways to fetch. */
export function protocolField(words: { readonly imap: string; readonly pop3: string }): Field {
  return (value) => {
    if (value === words.imap) return { protocol: 'imap' };
    return value === words.pop3 ? { protocol: 'pop3' } : null;
  };
}

function isNumber(value: string): boolean {
  return /^\d{1,9}$/.test(value);
}
