import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { notePassword, notePasswordHash } from './account-notes.ts';

const account = {
  user: 'geraet-abc123',
  password: 'Xy7rTq0LkP2mNv8bZs4wUe6A',
  address: 'geraet-abc123@cutover.example',
};
const { password } = account;

test.for([
  ['', 'password empty'],
  [password.slice(0, 20), "password shorter than the account's: first 20 of 24 characters"],
  [password.slice(0, 1), "password shorter than the account's: first 1 of 24 characters"],
  [password.toUpperCase(), 'password differs in upper and lower case only'],
  [password.toLowerCase(), 'password differs in upper and lower case only'],
  [`${password} `, 'password with blanks around it'],
  [`${password}\r`, 'password with blanks around it'],
  [`${password}x`, 'wrong password'],
] as const)('%j is noted alike from the password and from its SHA-1', ([given, note]) => {
  expect(notePassword(account, given)).toBe(note);
  expect(notePasswordHash(account, createHash('sha1').update(given).digest('hex'))).toBe(note);
});
