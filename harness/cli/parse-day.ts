import { InvalidArgumentError } from 'commander';

/** Noon of a day that is written YYYY-MM-DD, so that it is the same day in every zone. */
export function parseDay(text: string): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T12:00:00Z`) : null;
  if (day === null || !day.toISOString().startsWith(text))
    throw new InvalidArgumentError('A day is written YYYY-MM-DD.');
  return day;
}
