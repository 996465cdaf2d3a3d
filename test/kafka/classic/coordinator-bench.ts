import type { ClientId, Generation, MemberId } from "../../../sim/names.ts";
import { defaultBrokerConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply, JoinGroup } from "../../../sim/kafka/messages.ts";
import type { ClassicOptions } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { ClassicGroupCoordinator } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost, GroupTimer } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage } from "../../../sim/kafka/protocols/group-log.ts";
import { Bench, GROUP, type WithoutEnvelope } from "../coordinator-bench.ts";

/** A coordinator of classic groups, and all that it replied. */
export class CoordinatorBench extends Bench<ClassicGroupCoordinator> {
  readonly replies: { readonly client: ClientId; readonly reply: GroupReply }[] = [];
  readonly options: ClassicOptions;
  coordinator: ClassicGroupCoordinator;

  constructor(flavour: "java" | "scala", config: Partial<ClassicOptions["config"]> = {}) {
    super();
    const shorterSessions = { "group.min.session.timeout.ms": 1 };
    this.options = {
      flavour,
      config: { ...defaultBrokerConfig("4.0"), ...shorterSessions, ...config },
      ids: new MemberIds(),
    };
    this.onReply = (client, reply) => void this.replies.push({ client, reply });
    this.coordinator = new ClassicGroupCoordinator(GROUP, this.options, this.host());
  }

  /** Sends a request; tells the reply, if there was one at once. */
  ask(request: WithoutEnvelope<CoordinatorRequest>, client: ClientId): GroupReply | undefined {
    const id = this.nextRequest;
    this.send(request, client);
    return this.replies.findLast(({ reply }) => reply.id === id)?.reply;
  }

  protected load(host: CoordinatorHost, image: GroupImage): ClassicGroupCoordinator {
    return ClassicGroupCoordinator.load(GROUP, this.options, host, image);
  }

  /** As the log has it; 0 of a group that it does not know. */
  get persistedGeneration(): Generation {
    const { group } = this.image;
    return group?.type === "group" ? group.generation : 0;
  }

  isArmed(timer: GroupTimer, subject: string): boolean {
    return this.clock.pending.some(({ name }) => name === `${timer} ${subject}`);
  }

  /** Whose sessions are running. */
  watched(): MemberId[] {
    const timers = this.clock.pending.filter(({ name }) => name.startsWith("session "));
    return timers.map(({ name }) => name.slice("session ".length));
  }
}

/** A JoinGroup of a consumer of `orders` with Kafka's defaults, but for what is said here. */
export function joinGroup(said: Partial<JoinGroup>): WithoutEnvelope<JoinGroup> {
  return {
    api: "JoinGroup",
    member: "",
    version: 9,
    sessionTimeout: 45_000_000,
    rebalanceTimeout: 300_000_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: { topics: ["orders"], owned: {}, generation: -1 } }],
    ...said,
  };
}
