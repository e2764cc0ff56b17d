export interface Address {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Options of what brings packages to a distribution service. */
interface Uploading {
  /** Folder of the certificate that uploads are made with. */
  readonly tls: string;
  /** File that is told how it ended. */
  readonly result: string;
}

/** What a command line asks for. */
export type Command =
  | { readonly verb: 'help' }
  | { readonly verb: 'version' }
  | {
      readonly verb: 'observe';
      /** Folder where the root of the host is. */
      readonly root: string;
      /** Name of the node; the host's own where unset. */
      readonly node?: string;
      readonly output: 'text' | 'json';
    }
  | {
      readonly verb: 'run';
      readonly root: string;
      /** As for `observe`. */
      readonly node?: string;
      /** Where the ConfigMaps of nodes are; the namespace of the pod or the kubeconfig where unset. */
      readonly namespace?: string;
      readonly kubeconfig?: string;
      /** Where probes are answered; nowhere where unset. */
      readonly listen?: Address;
      /** Folder of the node that keeps what has to be there after a reboot. */
      readonly state: string;
    }
  | {
      readonly verb: 'drivers';
      readonly root: string;
      readonly state: string;
      readonly output: 'text' | 'json';
    }
  | {
      readonly verb: 'dist';
      /** Packages are below it, in `drivers`. */
      readonly folder: string;
      /** Folder of tls.crt, tls.key and ca.crt. */
      readonly tls: string;
      /** File that says which packages are in use. */
      readonly inUse: string;
      /** The port of the environment's PORT, on every address, where unset. */
      readonly listen?: Address;
    }
  | ({ readonly verb: 'build' } & Uploading)
  | ({ readonly verb: 'fetch' } & Uploading)
  | { readonly verb: 'load'; readonly result: string }
  | {
      readonly verb: 'keep-key';
      /** Folder of signing_key.pem and signing_cert.pem. */
      readonly folder: string;
      readonly socket: string;
    }
  | { readonly verb: 'copy-programs'; readonly folder: string };

/** The command of a verb. */
export type CommandOf<Verb extends Command['verb']> = Extract<Command, { readonly verb: Verb }>;
