/** Commands and options of telnet: RFC 854; ECHO is RFC 857, SUPPRESS-GO-AHEAD RFC 858. */
const [IAC, DONT, DO, WONT, WILL, SUBNEGOTIATION, END] = [255, 254, 253, 252, 251, 250, 240] as const;
const TAKEN: ReadonlySet<number> = new Set([1, 3]);

/**
 * Takes telnet's own bytes out of what a far end sends, however it is cut, and answers its offers: it may echo and go on
 * without turns, everything else is declined. Each offer is answered once, as RFC 854 asks, so that two ends never
 * answer each other without end.
 */
export function createTelnetReader(answer: (bytes: Uint8Array) => void): (bytes: Uint8Array) => Uint8Array {
  let state: 'data' | 'return' | 'command' | 'offer' | 'sub' | 'sub-command' = 'data';
  let command = 0;
  const answered = new Set<number>();

  const reply = (option: number): void => {
    const key = command * 256 + option;
    if (answered.has(key)) return;
    answered.add(key);
    if (command === WILL) answer(Uint8Array.of(IAC, TAKEN.has(option) ? DO : DONT, option));
    if (command === DO) answer(Uint8Array.of(IAC, WONT, option));
  };
  /** What a byte leaves of itself in the text. */
  const step = (byte: number): readonly number[] => {
    switch (state) {
      case 'data':
      case 'return': {
        const isReturned = state === 'return';
        state = byte === IAC ? 'command' : byte === 0x0d ? 'return' : 'data';
        return byte === IAC || (isReturned && byte === 0) ? [] : [byte];
      }
      case 'command':
        command = byte;
        state = byte === SUBNEGOTIATION ? 'sub' : byte >= WILL && byte <= DONT ? 'offer' : 'data';
        return byte === IAC ? [byte] : [];
      case 'offer':
        reply(byte);
        state = 'data';
        return [];
      case 'sub':
        if (byte === IAC) state = 'sub-command';
        return [];
      default:
        state = byte === END ? 'data' : 'sub';
        return [];
    }
  };
  return (bytes) => Uint8Array.from([...bytes].flatMap(step));
}
