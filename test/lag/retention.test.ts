import { describe, expect, test } from "vitest";
import { HOUR, MINUTE, SECOND } from "../../sim/engine/time.ts";
import { TopicLog } from "../../sim/lag/log.ts";
import { type RetentionLaws, startAfterCheck } from "../../sim/lag/retention.ts";

/** 100 records a second, in segments of a minute. */
const LAWS: RetentionLaws = { segmentRecords: 6_000, segmentAge: 168 * HOUR };

function steady(): TopicLog {
  const log = new TopicLog(1);
  log.setRate(0, 100);
  log.setShare(0, 0, 1);
  return log;
}

const startAt = (log: TopicLog, now: number, laws: RetentionLaws): number => {
  const start = startAfterCheck(log, 0, now, laws);
  log.deleteBefore(0, start);
  return start;
};

describe("retention by time", () => {
  test("deletes whole segments whose last record is too old", () => {
    const log = steady();
    const laws = { ...LAWS, age: 10 * MINUTE };
    expect(startAt(log, 10 * MINUTE, laws)).toBe(0);
    expect(startAt(log, 11 * MINUTE, laws)).toBe(0); // the first segment's last record is exactly 10 minutes old
    expect(startAt(log, 11 * MINUTE + 1, laws)).toBe(6_000);
    expect(startAt(log, 15 * MINUTE + 30 * SECOND, laws)).toBe(30_000);
  });

  test("keeps a record for up to a segment more", () => {
    const log = steady();
    const laws = { ...LAWS, age: 10 * MINUTE };
    // The first record of a segment is a minute older than its last.
    for (let minute = 0; minute < 60; minute++) {
      const start = startAt(log, minute * MINUTE, laws);
      const age = minute * MINUTE - log.reachedAt(0, start);
      expect(age).toBeLessThanOrEqual(11 * MINUTE);
      if (minute > 11) expect(age).toBe(11 * MINUTE);
    }
  });

  test("leaves what lies above a high watermark that stands still, however old it is", () => {
    const log = steady();
    const laws = { ...LAWS, age: 10 * MINUTE };
    log.standStill(0, 150 * SECOND); // at 15,000, in the third segment
    expect(startAt(log, 60 * MINUTE, laws)).toBe(12_000);
    log.standStill(0, undefined);
    expect(startAt(log, 60 * MINUTE, laws)).toBe(294_000); // 49 minutes
  });

  test("takes the last segment too, when nothing has come for so long", () => {
    const log = steady();
    const laws = { ...LAWS, age: 10 * MINUTE };
    log.setRate(90 * SECOND, 0);
    expect(startAt(log, 11 * MINUTE + 30 * SECOND, laws)).toBe(6_000);
    expect(startAt(log, 11 * MINUTE + 31 * SECOND, laws)).toBe(9_000);
  });

  test("closes segments by age where records are rare", () => {
    const log = new TopicLog(1);
    log.setRate(0, 1);
    log.setShare(0, 0, 1);
    const laws = { ...LAWS, segmentAge: 5 * MINUTE, age: 10 * MINUTE }; // 300 records a segment
    expect(startAt(log, 15 * MINUTE, laws)).toBe(0);
    expect(startAt(log, 16 * MINUTE, laws)).toBe(300);
  });
});

describe("retention by size", () => {
  test("deletes the oldest segments as long as enough is left", () => {
    const log = steady();
    const laws = { ...LAWS, records: 20_000 };
    expect(startAt(log, 200 * SECOND, laws)).toBe(0);
    expect(startAt(log, 260 * SECOND, laws)).toBe(6_000); // of 26,000 exactly 20,000 are left
    expect(startAt(log, 319 * SECOND, laws)).toBe(6_000); // without the second there would be 19,900
    expect(startAt(log, 320 * SECOND, laws)).toBe(12_000);
  });

  test("never takes the segment that is written to", () => {
    expect(startAt(steady(), 30 * SECOND, { ...LAWS, records: 0 })).toBe(0);
  });
});

test("what is deleted can still be told from what is there, by the instant at which it was written", () => {
  const log = steady();
  log.setShare(5 * MINUTE, 0, 0);
  log.setShare(6 * MINUTE, 0, 1);
  startAt(log, 20 * MINUTE, { ...LAWS, age: 10 * MINUTE });
  expect(log.start(0)).toBe(48_000); // the minutes 0 to 4, a pause, and the minutes 6 to 8
  expect(log.reachedAt(0, 48_000)).toBe(9 * MINUTE);
  expect(log.end(0, 20 * MINUTE)).toBe(114_000);
});
