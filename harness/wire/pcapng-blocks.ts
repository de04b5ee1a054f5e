/** Block types and options: draft-ietf-opsawg-pcapng, sections 4.1 to 4.3 and 3.5. */
export const SECTION = 0x0a0d0d0a;
export const INTERFACE = 1;
export const PACKET = 6;
export const COMMENT = 1;

/** Prefixes of our packet comments, each followed by JSON: facts of a capture that TCP has no place for. */
export const CONNECTION_COMMENT = 'cutover connection ';
export const OMITTED_COMMENT = 'cutover omitted ';
export const TAP_COMMENT = 'cutover tap';
