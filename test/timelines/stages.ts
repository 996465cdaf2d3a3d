import { ClusterStage } from "./cluster/stage.ts";
import { ClientStage } from "./client/stage.ts";
import { ScriptedStage } from "./scripted/stage.ts";
import { StoryStage } from "./story/stage.ts";
import type { Stages } from "./stage.ts";
import { ZooKeeperStage } from "./zookeeper/stage.ts";

/** Which stage a timeline's first word opens. */
export const STAGES: Stages = {
  client: () => new ClientStage(),
  cluster: () => new ClusterStage(),
  coordinator: () => new ScriptedStage(),
  group: () => new StoryStage(),
  zookeeper: () => new ZooKeeperStage(),
};
