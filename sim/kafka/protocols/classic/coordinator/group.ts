import type { Duration, Instant } from "../../../../engine/time.ts";
import type { ClientId, Generation, GroupId, InstanceId, MemberId, Partitions } from "../../../../names.ts";
import type { Happening } from "../../../../trace/event.ts";
import type { JoinGroup, Protocol, SyncGroup } from "../../../messages.ts";
import { next } from "../../machine.ts";
import type { ClassicGroupReason, ClassicGroupState } from "../group-states.ts";
import { CLASSIC_GROUP } from "../group-states.ts";
import { AssignorVote } from "./assignor-vote.ts";

/** One member, as its coordinator knows it. Kafka: `ClassicGroupMember`. */
export interface ClassicGroupMember {
  readonly id: MemberId;
  readonly instance?: InstanceId;
  readonly client: ClientId;
  readonly protocolType: string;
  protocols: readonly Protocol[];
  sessionTimeout: Duration;
  rebalanceTimeout: Duration;
  /** How long it may be silent, counted from when its session last began anew. */
  session: Duration;
  /** `undefined`: empty bytes. */
  assignment?: Partitions;
  /** It has not seen a join phase complete, so it cannot heartbeat: a parked JoinGroup does not keep it alive. */
  isNew: boolean;
}

/** Whose request or silence did something. */
export interface Who {
  readonly member: MemberId;
  readonly client: ClientId;
}

/** The initial delay that is running: the length of this window, and how much may be added after it. */
export interface InitialWindow {
  readonly delay: Duration;
  readonly remaining: Duration;
}

/**
 * The group itself: who is in it, who waits, what was last decided. It knows no timers and answers nobody; the parts
 * of the coordinator do that. Kafka: `ClassicGroup`.
 *
 * Members are kept in the order in which they were added, so wherever Kafka takes "some" member of a hash map, here
 * it is the one who came first.
 */
export class ClassicGroup {
  readonly id: GroupId;
  readonly #now: () => Instant;
  readonly #record: (happening: Happening) => void;

  #state: ClassicGroupState = "Absent";
  #since: Instant;
  #generation: Generation = 0;
  #leader: MemberId | undefined;
  readonly #members = new Map<MemberId, ClassicGroupMember>();
  readonly #staticMembers = new Map<InstanceId, MemberId>();
  readonly #vote = new AssignorVote();

  protocolType: string | undefined;
  protocolName: string | undefined;
  /** Ids handed out with MEMBER_ID_REQUIRED that have not come back yet, and to whom. */
  readonly pendingJoin = new Map<MemberId, ClientId>();
  /** Member ids whose SyncGroup of this generation has not come. Ids, not members: see `replaceStaticMember`. */
  readonly pendingSync = new Set<MemberId>();
  /** JoinGroups that wait for the join phase to end, in the order in which they came. */
  readonly parkedJoins = new Map<MemberId, JoinGroup>();
  /** SyncGroups that wait for the group leader's assignment. */
  readonly parkedSyncs = new Map<MemberId, SyncGroup>();
  /** While the group comes from Empty and waits for more members; then only time ends the join phase. */
  initialWindow: InitialWindow | undefined;
  /**
   * A member joined during the initial delay, after the first. Read and cleared only when a window ends with
   * extension left, so it may outlive its rebalance and prolong a later initial delay; Kafka does that too.
   */
  newMemberAdded = false;

  constructor(id: GroupId, now: () => Instant, record: (happening: Happening) => void) {
    this.id = id;
    this.#now = now;
    this.#record = record;
    this.#since = now();
  }

  get state(): ClassicGroupState {
    return this.#state;
  }

  /** When it entered its state. */
  get since(): Instant {
    return this.#since;
  }

  get generation(): Generation {
    return this.#generation;
  }

  get leader(): MemberId | undefined {
    return this.#leader;
  }

  get size(): number {
    return this.#members.size;
  }

  members(): Iterable<ClassicGroupMember> {
    return this.#members.values();
  }

  member(id: MemberId): ClassicGroupMember | undefined {
    return this.#members.get(id);
  }

  memberOfInstance(instance: InstanceId): MemberId | undefined {
    return this.#staticMembers.get(instance);
  }

  /** Everybody's JoinGroup is here and no id is pending. True for a group of nobody. Kafka: `hasAllMembersJoined`. */
  get allJoined(): boolean {
    return this.parkedJoins.size === this.#members.size && this.pendingJoin.size === 0;
  }

  /** The longest anybody asks the others to wait. */
  get rebalanceTimeout(): Duration {
    let longest = 0;
    for (const member of this.#members.values()) longest = Math.max(longest, member.rebalanceTimeout);
    return longest;
  }

  /** Kafka: `ClassicGroup.supportsProtocols`. */
  accepts(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (this.#state === "Empty") return protocolType !== "" && protocols.length > 0;
    return this.protocolType === protocolType && this.#vote.accepts(protocols);
  }

  /** The assignor the members would choose now. */
  winner(): string {
    return this.#vote.winner(this.#ballots());
  }

  *#ballots(): Iterable<readonly Protocol[]> {
    for (const { protocols } of this.#members.values()) yield protocols;
  }

  /** The only line that changes the state, so no change can go unrecorded. */
  move(reason: ClassicGroupReason, who?: Who): void {
    const from = this.#state;
    this.#state = next(CLASSIC_GROUP, from, reason);
    this.#since = this.#now();
    this.#record({
      type: "group.state",
      group: this.id,
      from,
      to: this.#state,
      reason,
      generation: this.#generation,
      ...who,
    });
  }

  /** The first member of a leaderless group becomes its leader. */
  add(member: ClassicGroupMember, reason: string): void {
    if (this.#members.size === 0) this.protocolType = member.protocolType;
    this.#insert(member);
    this.pendingJoin.delete(member.id);
    this.#recordChange(member, "added", reason);
    if (this.#leader === undefined) this.#lead(member.id, "first-member");
  }

  /** Takes a member out of the last record; who leads is in there too. */
  restore(member: ClassicGroupMember): void {
    this.#insert(member);
    this.#recordChange(member, "restored", "loaded");
  }

  /** Where a coordinator that loads the group begins. */
  resume(since: Instant, generation: Generation, leader: MemberId | undefined): void {
    this.#generation = generation;
    this.move(this.#members.size > 0 ? "loaded" : "loaded-empty");
    this.#since = since;
    if (leader !== undefined) this.#lead(leader, "loaded");
  }

  /** Its leadership passes at once to whoever has been in the group for longest. */
  remove(member: ClassicGroupMember, reason: string, silentFor?: Duration): void {
    this.#members.delete(member.id);
    this.#vote.remove(member.protocols);
    if (member.instance !== undefined) this.#staticMembers.delete(member.instance);
    this.pendingSync.delete(member.id);
    this.#recordChange(member, "removed", reason, silentFor);
    if (this.#leader === member.id) this.#lead(this.#members.keys().next().value, reason);
  }

  addPending(id: MemberId, client: ClientId): void {
    this.pendingJoin.set(id, client);
    this.#recordChange({ id, client }, "pending", "member-id-required");
  }

  removePending(id: MemberId, reason: string): void {
    const client = this.pendingJoin.get(id)!;
    this.pendingJoin.delete(id);
    this.#recordChange({ id, client }, "removed", reason);
  }

  /** What its JoinGroup says now. Kafka: `ClassicGroup.updateMember`. */
  update(
    member: ClassicGroupMember,
    said: Pick<ClassicGroupMember, "protocols" | "sessionTimeout" | "rebalanceTimeout">,
  ): void {
    this.#vote.remove(member.protocols);
    member.protocols = said.protocols;
    member.sessionTimeout = said.sessionTimeout;
    member.rebalanceTimeout = said.rebalanceTimeout;
    this.#vote.add(member.protocols);
  }

  /**
   * The same static member under a new id: with its timeouts, assignors, assignment and leadership. What the old id
   * had pending stays under the old id, as in Kafka: if it owed a SyncGroup, the sync timer will find it missing.
   */
  replaceStaticMember(old: ClassicGroupMember, id: MemberId, client: ClientId, reason: string): ClassicGroupMember {
    const member: ClassicGroupMember = { ...old, id, client, isNew: false };
    this.#members.delete(old.id);
    this.#members.set(id, member);
    this.#staticMembers.set(old.instance!, id);
    this.#recordChange(member, "replaced", reason);
    if (this.#leader === old.id) this.#lead(id, "replaced");
    return member;
  }

  /** Whether the join phase has a leader among those who joined; elects one if the old one did not. */
  electJoinedLeader(): boolean {
    if (this.#leader !== undefined && this.parkedJoins.has(this.#leader)) return true;
    for (const id of this.#members.keys()) {
      if (this.parkedJoins.has(id)) {
        this.#lead(id, "absent");
        return true;
      }
    }
    return false;
  }

  /** Who of the members have not come back. */
  notRejoined(): ClassicGroupMember[] {
    if (this.parkedJoins.size === this.#members.size) return [];
    return [...this.#members.values()].filter(({ id }) => !this.parkedJoins.has(id));
  }

  /** The join phase is over: also for a group of nobody, whose generation counts on. */
  nextGeneration(): void {
    this.#generation++;
    this.protocolName = this.#members.size > 0 ? this.winner() : undefined;
    this.pendingSync.clear();
  }

  /** Forgets all: the group was removed, or its record never was. The next member finds generation 0. */
  clear(): void {
    this.#generation = 0;
    this.protocolType = undefined;
    this.protocolName = undefined;
    this.initialWindow = undefined;
    this.newMemberAdded = false;
    this.pendingJoin.clear();
    this.pendingSync.clear();
    this.parkedJoins.clear();
    this.parkedSyncs.clear();
  }

  #insert(member: ClassicGroupMember): void {
    this.#members.set(member.id, member);
    this.#vote.add(member.protocols);
    if (member.instance !== undefined) this.#staticMembers.set(member.instance, member.id);
  }

  #lead(to: MemberId | undefined, reason: string): void {
    const from = this.#leader ?? null;
    this.#leader = to;
    this.#record({ type: "group.leader", group: this.id, from, to: to ?? null, reason });
  }

  #recordChange(
    { id, client, instance }: Pick<ClassicGroupMember, "id" | "client" | "instance">,
    change: Extract<Happening, { type: "group.member" }>["change"],
    reason: string,
    silentFor?: Duration,
  ): void {
    this.#record({
      type: "group.member",
      group: this.id,
      member: id,
      client,
      ...(instance !== undefined && { instance }),
      change,
      reason,
      ...(silentFor !== undefined && { silentFor }),
    });
  }

  /** A known member sent JoinGroup; `changed` if it says something else than before. */
  recordRejoin(member: ClassicGroupMember, changed: boolean): void {
    this.#recordChange(member, changed ? "updated" : "rejoined", changed ? "metadata-changed" : "same-metadata");
  }
}
