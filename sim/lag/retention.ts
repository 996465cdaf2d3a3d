import type { Duration, Instant } from "../engine/time.ts";
import type { TopicLog } from "./log.ts";

/** When records are deleted, read or not. */
export interface RetentionLaws {
  /** How long a segment is kept after its last record; absent: for ever. */
  readonly age?: Duration;
  /** A partition with more records loses its oldest segments, as long as so many are left; absent: however many. */
  readonly records?: number;
  /** A segment is closed once it holds so many records, or is so old. */
  readonly segmentRecords: number;
  readonly segmentAge: Duration;
}

/**
 * Where a partition's log starts after the broker has looked at it: whole segments go, the oldest first, those whose
 * last record is too old, and those without which the log would still be large enough. So a record lives for the
 * retention and up to a segment and a check interval more.
 *
 *     100 records/s, a segment a minute, kept for 10 minutes; the broker looks at 15 minutes and 30 s
 *       the segments of the minutes 0 … 4 ended more than 10 minutes ago: the log starts with minute 5, at 30,000
 *
 * The last segment, to which is written, goes too when nothing has come for so long; nothing above the high watermark
 * does. Kafka: `UnifiedLog.deleteOldSegments`, `LogSegment.shouldRoll`.
 */
export function startAfterCheck(log: TopicLog, partition: number, now: Instant, laws: RetentionLaws): number {
  const end = log.end(partition, now);
  const watermark = log.watermark(partition, now);
  let start = log.start(partition);
  while (start < end) {
    const next = segmentEnd(log, partition, start, now, laws);
    const tooOld = laws.age !== undefined && now - log.reachedAt(partition, next) > laws.age;
    const tooMany = laws.records !== undefined && next < end && end - next >= laws.records;
    if ((!tooOld && !tooMany) || next > watermark) break;
    start = next;
  }
  return start;
}

/** Where the segment that begins at `start` ends; the log's end for the one that is written to. */
function segmentEnd(log: TopicLog, partition: number, start: number, now: Instant, laws: RetentionLaws): number {
  const closes = log.reachedAt(partition, start) + laws.segmentAge;
  const byAge = closes < now ? log.end(partition, closes) : Infinity;
  return Math.min(start + laws.segmentRecords, byAge > start ? byAge : Infinity, log.end(partition, now));
}
