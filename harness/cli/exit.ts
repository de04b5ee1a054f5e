/** Exit codes that other programs rely on (64 and 78 as in sysexits.h). */
export const EXIT = {
  expected: 0,
  different: 1,
  inconclusive: 2,
  usage: 64,
  configuration: 78,
  interrupted: 130,
} as const;
