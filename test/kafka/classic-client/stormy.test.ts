import { membersKeepTheLaws } from "./kinds-of-members.ts";

membersKeepTheLaws(["storm 0"]);
