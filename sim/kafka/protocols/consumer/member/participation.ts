import type { Client, ClientOptions } from "../../client/client.ts";
import type { Subscription } from "../../client/subscription.ts";
import type { Losses } from "./fencing.ts";
import type { Beats } from "./beats.ts";
import type { Membership } from "./membership.ts";
import type { Reconciliation } from "./reconciliation.ts";
import type { ReleaseTraits } from "./releases.ts";
import type { SentFields } from "./request.ts";

/** Who this consumer is and what it was configured to do. */
export interface MemberOptions extends ClientOptions {
  /**
   * Whether the application has given subscribe() a `ConsumerRebalanceListener`: its callbacks run inside poll(), and what
   * comes after them waits for that.
   */
  readonly listens: boolean;
}

/** What the parts of one consumer's membership work with; each part's own state is described where the part is. */
export interface Participation extends Client {
  readonly options: MemberOptions;
  readonly membership: Membership;
  readonly release: ReleaseTraits;
  readonly subscription: Subscription;
  readonly beats: Beats;
  readonly sent: SentFields;
  readonly reconciliation: Reconciliation;
  readonly losses: Losses;
}
