/** Whether a name is the one given, or fits it as a pattern: the star stands for any letters, all else for itself. */
export function matcherOf(given: string): (name: string) => boolean {
  const parts = given.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return (name) => pattern.test(name);
}
