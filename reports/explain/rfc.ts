/** A section of a standard, where a person can open it. */
export function rfc(number: number, section: string): { readonly title: string; readonly url: string } {
  return {
    title: `RFC ${number}, section ${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
  };
}
