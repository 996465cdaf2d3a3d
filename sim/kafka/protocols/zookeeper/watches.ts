import type { ClientId } from "../../../names.ts";
import type { Path, ZooKeeperNotice } from "./messages.ts";

/** `node`: that it comes, goes or has other data. `children`: that one of its children comes or goes. */
export type Watched = "node" | "children";

/** Who is to be told of what, once. At one change they are told in the order in which they began to watch. */
export class Watches {
  readonly #tell: (client: ClientId, notice: ZooKeeperNotice) => void;
  readonly #watchers: Readonly<Record<Watched, Map<Path, Set<ClientId>>>> = { node: new Map(), children: new Map() };

  constructor(tell: (client: ClientId, notice: ZooKeeperNotice) => void) {
    this.#tell = tell;
  }

  set(watched: Watched, path: Path, client: ClientId): void {
    let watchers = this.#watchers[watched].get(path);
    if (!watchers) this.#watchers[watched].set(path, (watchers = new Set()));
    watchers.add(client);
  }

  /** All who watch are told, and watch no longer. */
  fire(watched: Watched, path: Path): void {
    const watchers = this.#watchers[watched].get(path);
    if (!watchers) return;
    this.#watchers[watched].delete(path);
    for (const client of watchers) this.#tell(client, { changed: watched, path });
  }

  /** This client's session is over, and what it watched with it. */
  forget(client: ClientId): void {
    for (const paths of Object.values(this.#watchers)) {
      for (const watchers of paths.values()) watchers.delete(client);
    }
  }
}
