import { createHash } from 'node:crypto';
import type { Account } from './contract.ts';

/**
 * Why a login was refused, as a fact that holds none of the values: a field that is too short on a device's panel looks
 * like a wrong password to its owner.
 */
export function notePassword(account: Account, given: string): string {
  if (given === '') return 'password empty';
  if (account.password.startsWith(given)) return noteShorterPassword(given.length, account);
  if (account.password.toLowerCase() === given.toLowerCase()) return CASE_DIFFERS;
  if (account.password === given.trim()) return BLANKS_AROUND;
  return WRONG_PASSWORD;
}

/**
 * The same for a server that tells the SHA-1 of what it was given, in hex. Only what a device is known to do to a
 * password is tried; `wrong password` for the rest.
 */
export function notePasswordHash(account: Account, sha1: string): string {
  const { password } = account;
  const given = sha1.toLowerCase();
  const is = (text: string) => createHash('sha1').update(text).digest('hex') === given;
  if (is('')) return 'password empty';
  for (let length = password.length - 1; length > 0; length--) {
    if (is(password.slice(0, length))) return noteShorterPassword(length, account);
  }
  if ([password.toLowerCase(), password.toUpperCase(), capitalised(password)].some(is)) return CASE_DIFFERS;
  if (BLANKS.some(([before, after]) => is(before + password + after))) return BLANKS_AROUND;
  return WRONG_PASSWORD;
}

/** Why a name is nobody's: a name cut off by a device is told from one that is wrong. */
export function noteUser(accounts: Iterable<Account>, user: string): string {
  if (user === '') return 'user name empty';
  for (const { address } of accounts) {
    // Short beginnings fit many accounts and prove no field limit.
    if (user.length >= 8 && address.startsWith(user)) {
      return `user name shorter than the account's: first ${user.length} characters`;
    }
  }
  return 'unknown user';
}

export function noteShorterPassword(length: number, account: Account): string {
  return `password shorter than the account's: first ${length} of ${account.password.length} characters`;
}

export const WRONG_PASSWORD = 'wrong password';
const CASE_DIFFERS = 'password differs in upper and lower case only';
const BLANKS_AROUND = 'password with blanks around it';
const BLANKS: readonly (readonly [string, string])[] = [
  ['', ' '],
  [' ', ''],
  [' ', ' '],
  ['', '\r'],
  ['', '\n'],
  ['', '\r\n'],
];

/** As telephones and touch screens begin a text. */
function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
