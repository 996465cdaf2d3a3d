import { expect, test } from "vitest";
import { crowdStory } from "../support/story.ts";
import { drawn, freshPage, shown, source, strip, warns } from "./support.ts";

const S = 1_000_000;

test("a thousand members and ten thousand partitions over a day cost a frame what is visible, not what there is", async () => {
  const { page } = freshPage();
  await page.open([source(crowdStory({ rebalances: 8 }))]);
  await drawn();
  const partitions = strip(page, "partitions");
  expect(partitions.describe(0, 1)).toContain("10.0 k lanes");
  const whole = partitions.drawn;
  // At first nobody; then eight times somebody, and seven times nobody between. Each of these stretches is looked at
  // once for its owner and once for its reader, and besides only one row for each row of pixels.
  expect(whole).toBeLessThan(2 * 10_000 * 16 + 1_000 * 16);

  page.axis.show(10_000 * S, 10_060 * S); // nothing happens in this minute
  await drawn();
  const height = partitions.element.querySelector<HTMLCanvasElement>(".plot canvas")!.height;
  expect(partitions.drawn).toBe(2 * 10_000 + height);

  const second = 60 + (24 * 3600 - 120) / 8;
  page.axis.show((second - 60) * S, (second + 60) * S);
  await drawn();
  const colors = shown(partitions);
  expect(warns(colors(page.axis.x((second + 10) * S), 50))).toBe(true);
  expect(warns(colors(page.axis.x((second + 40) * S), 50))).toBe(false);
});
