import type { Duration } from "../../../engine/time.ts";
import type { ClientId } from "../../../names.ts";

/** Names a session of a client with ZooKeeper: the number of the transaction that began it. */
export type SessionId = number;

/** The path of a node: `/consumers/billing/ids/billing_1`. */
export type Path = string;

/** What a client asks of ZooKeeper. Answered one by one, in the order in which they came. */
export type Operation =
  /** `watch`: the client is told, once, that this node comes, goes or has other data. */
  | { readonly op: "exists"; readonly path: Path; readonly watch: boolean }
  /** Likewise. */
  | { readonly op: "read"; readonly path: Path; readonly watch: boolean }
  /** `watch`: the client is told, once, that a child comes or goes. */
  | { readonly op: "children"; readonly path: Path; readonly watch: boolean }
  /** An `ephemeral` node goes with the session that made it. Parents that are missing are made with it. */
  | { readonly op: "create"; readonly path: Path; readonly data: string; readonly ephemeral: boolean }
  /** A node that is missing is made. */
  | { readonly op: "write"; readonly path: Path; readonly data: string }
  | { readonly op: "delete"; readonly path: Path }
  /** The session ends, and all ephemeral nodes with it. */
  | { readonly op: "close" };

export type ZooKeeperRequest =
  /** A connection is made: for a new session of that length, or to go on with one. */
  | {
      readonly client: ClientId;
      readonly op: "connect";
      readonly id: number;
      readonly session: SessionId | null;
      readonly timeout: Duration;
    }
  | ({
      readonly client: ClientId;
      /** The client's own number for it. */
      readonly id: number;
      readonly session: SessionId;
    } & Operation);

/** ZooKeeper's own words (`KeeperException.Code`). */
export type ZooKeeperError = "OK" | "NONODE" | "NODEEXISTS" | "SESSIONEXPIRED";

export interface ZooKeeperReply {
  readonly id: number;
  readonly error: ZooKeeperError;
  /** The number of the newest transaction: of a change, its own. */
  readonly zxid: number;
  /** Of a node that was read. */
  readonly data: string | undefined;
  /** The names of a node's children, in order. */
  readonly children: readonly string[] | undefined;
  /** Of a connection. */
  readonly session: SessionId | undefined;
}

/** What a client is told without having asked just now. */
export type ZooKeeperNotice =
  /** What was watched has changed; it is watched no longer. */
  | { readonly changed: "node" | "children"; readonly path: Path }
  /** ZooKeeper has ended this session and closes its connection. */
  | { readonly ended: SessionId };
