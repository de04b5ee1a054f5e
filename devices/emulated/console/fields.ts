import type { MailOrder } from './dialect.ts';

/** The settings of a dialect: what each name changes. A value that is no good gives null. */
export type Fields = Readonly<Record<string, (value: string) => Partial<MailOrder> | null>>;

/** Applies one setting; null: no such name, or no such value. */
export function setField(fields: Fields, order: MailOrder, name: string, value: string): MailOrder | null {
  const change = Object.hasOwn(fields, name) ? (fields[name]?.(value) ?? null) : null;
  return change === null ? null : { ...order, ...change };
}

/** A port, size or other number as typed; null when it is none. */
export function parseNumber(value: string): number | null {
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}
