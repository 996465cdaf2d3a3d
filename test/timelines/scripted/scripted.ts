import type { CoordinatorRequest } from "../../../sim/kafka/messages.ts";
import type { ClientId, GroupId, InstanceId, MemberId } from "../../../sim/names.ts";
import type { Words } from "./words.ts";

/** What one request says instead of what its member believes, whichever protocol it speaks. */
export interface Claim {
  member?: MemberId;
  version?: number;
}

/** The words of a line that `Scripted.readWho` knows. */
export const WHO = ["again", "anew", "as", "id", "version"];

/** What members of both protocols that only do as they are told have in common: who they are. */
export abstract class Scripted {
  readonly client: ClientId;
  readonly group: GroupId;
  id: MemberId = "";
  instance: InstanceId | undefined;

  constructor(client: ClientId, group: GroupId) {
    this.client = client;
    this.group = group;
  }

  /** It is nobody to its group any more. */
  protected abstract beginAnew(): void;

  /** Takes the rest of an option that says who asks; false: it is another option. */
  protected readWho(option: string, words: Words, claim: Claim): boolean {
    switch (option) {
      case "again":
        return true;
      case "anew":
        this.id = "";
        this.beginAnew();
        return true;
      case "as":
        this.instance = words.take("an instance id");
        return true;
      case "id": {
        const id = words.take("a member id");
        claim.member = id === "none" ? "" : id;
        return true;
      }
      case "version":
        claim.version = words.takeNumber("a version");
        return true;
      default:
        return false;
    }
  }

  protected envelope(id: number): Pick<CoordinatorRequest, "id" | "client" | "group"> {
    return { id, client: this.client, group: this.group };
  }
}
