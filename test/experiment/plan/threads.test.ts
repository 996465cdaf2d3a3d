import { expect, test } from "vitest";
import { shell } from "../../support/cli.ts";

// What is told here is about the way there, not about the answer: no candidate needs the hundred runs that one rests upon.
const FEW = "--replications 20";

test("a plan made on threads is the plan made here, byte for byte", async () => {
  const sh = shell();
  const line = `regroup plan scenarios/overload.yaml --find members --target 'final(timeLag) < 5s' ${FEW} --json --threads`;
  const [here, there] = [await sh.run(`${line} 1`), await sh.run(`${line} 2`)];
  expect(here).toMatchObject({ status: 0, stderr: "" });
  expect(there).toEqual(here);
});

test("options are understood as they are written: several values, shares, words without a value", async () => {
  const line =
    "regroup plan scenarios/overload.yaml --find members --between '5, 9' --find 'capacity in 900/s, 1000/s' " +
    "--target 'final(timeLag) < 5s' --target 'P(final(lag) > 0) < 40%' --cost 'members * 1/h' --confidence 90% --threads 1 " +
    FEW;
  const { status, stdout, stderr } = await shell().run(line);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("members = 9 and capacity = 900/s is the cheapest");
  const front = await shell().run(
    `regroup plan scenarios/overload.yaml --find 'members in 5, 9' --pareto 'final(lag), cost' --cost members --threads 1 --json ${FEW}`,
  );
  expect(JSON.parse(front.stdout).answer).toEqual({ kind: "front", candidates: [0, 1], isShown: true });
});
