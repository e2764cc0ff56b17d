/** What TLS needs. The same object for as long as nothing in it changes, since connections are kept for as long. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** How requests prove who sends them. */
export interface Credentials {
  readonly tls: Tls;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** Where the API server is, and how it is spoken to. */
export interface Connection {
  readonly server: URL;
  /** Where this was learnt: `context "prod" of /home/ops/.kube/config`, `the account of this pod`. */
  readonly origin: string;
  /** Namespace that the context or the pod names. */
  readonly namespace: string | undefined;
  readonly proxy: URL | undefined;
  /** What is valid now: a token file is read again when it changed, a plugin asked again when its answer expired. */
  credentials(): Promise<Credentials>;
  /** Others than `refused`, which the API server did not take; read afresh from where they come from. */
  renew(refused: Credentials): Promise<Credentials>;
  /** Ends what is asked for credentials at this moment. */
  close?(): void;
}
