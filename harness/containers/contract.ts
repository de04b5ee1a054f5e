import type { Duplex } from 'node:stream';

/**
 * What a run starts at a container engine. Everything carries labels that name its owner, and is removed when disposed;
 * what a dead owner left is swept by the next run.
 */
export interface ContainerLab extends AsyncDisposable {
  /** Version of the engine, for run.json. */
  readonly engine: string;
  /** Folder of this host that containers can mount: private, on a local disk, removed with the lab. Absolute path. */
  readonly folder: string;
  openNetwork(options: NetworkOptions): Promise<ContainerNetwork>;
  /** Takes a root file system in as an image, unless the same is there already. Stays, as images that were built do. */
  importRoot(archive: RootToImport): Promise<ImportedRoot>;
  start(options: ContainerOptions): Promise<RunningContainer>;
}

export interface RootToImport {
  readonly name: string;
  /** A tar archive, compressed or not. */
  readonly path: string;
  readonly signal?: AbortSignal;
}

/** Name and tag of a root file system at the engine. */
export interface ImportedRoot {
  readonly tag: string;
}

export interface NetworkOptions {
  /** For people, e.g. "servers". */
  readonly name: string;
  /** Containers of the network reach each other, not only this host. */
  readonly neighbours: boolean;
  /** Its containers reach what this host reaches, and may publish ports: for benchmarks. Default: no. */
  readonly wayOut?: boolean;
}

/** A bridge, without a way out unless asked for: its containers reach this host by `gateway`, and nothing beyond. */
export interface ContainerNetwork extends AsyncDisposable {
  readonly name: string;
  /** This host's IPv4 address in the network. */
  readonly gateway: string;
}

export interface ContainerOptions {
  /** Folder name of an image of ours, e.g. "postfix"; see images.ts. Or what `importRoot` gave. */
  readonly image: string | ImportedRoot;
  /** For people, e.g. "strict-postfix". */
  readonly name: string;
  readonly network: ContainerNetwork;
  /**
   * Lives in the network namespace of this one: the same address, other ports. Making a namespace is half of what a
   * start costs (0.7 of 1.3 s of processor time, measured). It loses its network when the other one ends, and has to be
   * started again after it. Names, host names and published ports are the other one's.
   */
  readonly sharesNetworkOf?: RunningContainer;
  /** Names by which neighbours find it. */
  readonly aliases?: readonly string[];
  /** Copied in before it starts. */
  readonly files?: readonly ContainerFile[];
  /**
   * Folder in the container that holds nothing but `files`, all of them below it: then they are mounted from this host,
   * read-only, and not copied. Copying makes the engine start itself once more: 0.2 s of processor time.
   */
  readonly filesFolder?: string;
  readonly mounts?: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  /** Host names and the addresses that they lead to, inside. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Beyond what servers need. `none`: not even these, for programs that nobody trusts. */
  readonly capabilities?: readonly string[] | 'none';
  /** Processes and threads at a time. Default: 512. */
  readonly mostProcesses?: number;
  /** All is read-only but these folders: each begins empty, is kept in memory, and takes so many bytes. */
  readonly onlyWritable?: { readonly folders: readonly string[]; readonly bytes: number };
  /** Its first program is on a terminal of this size, which `RunningContainer.terminal` carries; then there is no log. */
  readonly terminal?: { readonly cols: number; readonly rows: number };
  /** Canonical ports to publish on 127.0.0.1 as well; needs a network with a way out, so only benchmarks use it. */
  readonly publish?: readonly number[];
  /** Each line of its log as it is written, without the line end. Bounded: longer lines are cut. */
  readonly onLog?: (line: string) => void;
  /** `trouble` quotes the last lines of its log. Not where these name strangers' logins. Default: yes. */
  readonly quotesLog?: boolean;
  readonly signal?: AbortSignal;
}

export interface ContainerFile {
  readonly target: string;
  readonly content: string | Buffer;
  /** Default 0o644. */
  readonly mode?: number;
}

export interface RunningContainer extends AsyncDisposable {
  readonly id: string;
  /** IPv4 address in its network. */
  readonly address: string;
  /** Ports that were published, canonical → bound on 127.0.0.1. */
  readonly published: ReadonlyMap<number, number>;
  exec(argv: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }>;
  /** Starts it again after it died, under the same address. */
  restart(): Promise<void>;
  /** Why it is no longer running, or null. */
  readonly trouble: string | null;
  /** If it was started on one: what is shown there, and what is typed. Ends with the container. */
  readonly terminal?: Duplex;
}
