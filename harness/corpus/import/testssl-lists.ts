/** Where packages and archives of testssl.sh have it. */
export const TESTSSL_LISTS: readonly string[] = [
  '/etc/testssl/client-simulation.txt',
  '/usr/share/testssl/etc/client-simulation.txt',
  '/usr/share/testssl.sh/etc/client-simulation.txt',
  '/usr/local/share/testssl.sh/etc/client-simulation.txt',
  '/opt/testssl.sh/etc/client-simulation.txt',
];
